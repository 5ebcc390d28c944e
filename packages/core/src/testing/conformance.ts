import assert from "node:assert/strict";
import { inspect } from "node:util";
import { isSecretError, type SecretError } from "../error.ts";
import type { Provider, Scope, SecretValue, Target } from "../provider.ts";
import { parseReference } from "../reference.ts";
import { createResolver, type Resolver } from "../resolver.ts";
import { bytes, type Secret, type Secrets } from "../secret.ts";

/** A provider under test, with a store behind it that holds what is said here. */
export interface ConformanceSubject {
  readonly provider: Provider;
  /** Secrets that are there: at least two, of different values. Where the provider batches, more than one batch is best. */
  readonly existing: readonly { readonly reference: string; readonly value: SecretValue }[];
  /** A well-formed reference to what is not there. */
  readonly missing: string;
  /** References of the provider's scheme that its `parse` must refuse. */
  readonly malformed: readonly string[];
  /** What `permissions` is asked for. Default: a scope in aws, us-east-1, account 111122223333. */
  readonly scope?: Scope;
}

/** `test` of jest, vitest or node:test. */
export type TestFunction = (name: string, run: () => Promise<void>) => unknown;

const defaultScope: Scope = {
  partition: "aws",
  region: "us-east-1",
  accountId: "111122223333",
  keyArn: () => undefined,
};

/**
 * The contract of `Provider` as tests: what the core relies on, and what users are promised of every provider.
 * @param test the test function of the runner
 * @param setUp makes the provider and fills its store; called once, within the first test
 */
export function providerConformance(
  test: TestFunction,
  setUp: () => ConformanceSubject | Promise<ConformanceSubject>,
): void {
  let made: Promise<ConformanceSubject> | undefined;
  const promise = (name: string, check: (subject: ConformanceSubject) => void | Promise<void>): void => {
    test(name, async () => {
      made ??= Promise.resolve(setUp());
      await check(await made);
    });
  };

  promise("it parses purely: the same reference, the same target", ({ provider, existing, missing }) => {
    assert.match(provider.scheme, /^[a-z][a-z0-9-]*$/);
    for (const reference of [...existing.map((secret) => secret.reference), missing]) {
      const [one, two] = [target(provider, reference), target(provider, reference)];
      assert.ok(typeof one.id === "string" && one.id !== "" && typeof one.pinned === "boolean");
      assert.deepEqual([one.id, one.pinned, one.batch], [two.id, two.pinned, two.batch]);
    }
  });

  promise("it refuses a malformed reference, quoting nothing of it", ({ provider, malformed }) => {
    assert.ok(malformed.length > 0, "the subject needs a malformed reference");
    for (const reference of malformed) {
      const error = thrownBy(() => target(provider, reference));
      assert.equal(error.code, "ERR_SECRET_REFERENCE");
      const { ref, payload } = parseReference(reference);
      for (const part of [ref, payload ?? ""]) assert.ok(part.length < 4 || !inspect(error).includes(part));
    }
  });

  promise("it refuses an option that it does not know", ({ provider, existing }) => {
    const reference = parseReference((existing[0] as { reference: string }).reference);
    const options = new Map([...reference.options, ["no-such-option", "canary"]]);
    const error = thrownBy(() => provider.parse({ ...reference, options }));
    assert.equal(error.code, "ERR_SECRET_REFERENCE");
    assert.ok(!inspect(error).includes("canary"));
  });

  promise("it gives each secret its own value", async ({ provider, existing }) => {
    assert.ok(existing.length >= 2, "the subject needs at least two secrets");
    const resolver = fresh(provider);
    for (const { reference, value } of existing) await assertValue(resolver, reference, value);
  });

  promise(
    "many at once keep their values apart, and cost as few calls as it allows",
    async ({ provider, existing }) => {
      const { counted, calls } = countCalls(provider);
      const resolver = fresh(counted);
      await Promise.all(existing.map(({ reference, value }) => assertValue(resolver, reference, value)));
      const targets = new Map(
        existing.map(({ reference }) => [target(provider, reference).id, target(provider, reference)]),
      );
      assert.equal(calls(), fewestCalls(provider, [...targets.values()]));
    },
  );

  promise("a hundred readers of one secret are one call", async ({ provider, existing }) => {
    const { counted, calls } = countCalls(provider);
    const resolver = fresh(counted);
    const { reference, value } = existing[0] as { reference: string; value: SecretValue };
    await Promise.all(Array.from({ length: 100 }, () => assertValue(resolver, reference, value)));
    assert.equal(calls(), 1);
  });

  promise(
    "what is not there fails alone, with a clear error that shows no value",
    async ({ provider, existing, missing }) => {
      const secrets: Secrets = Object.fromEntries(
        existing.map(({ reference }, index) => [`s${index}`, read(reference)]),
      );
      const error = await rejectionOf(fresh(provider).resolveAll({ ...secrets, missing: read(missing) }));
      assert.equal(error.code, "ERR_SECRET_NOT_FOUND");
      assert.equal(error.secretName, "missing", "the error tells of the missing one alone");
      for (const { value } of existing) assertHidden(error, value);
    },
  );

  promise("an aborted fetch settles", async ({ provider, existing }) => {
    const { reference } = existing[0] as { reference: string };
    const call = { signal: AbortSignal.abort(), deadlineMs: Date.now(), background: false };
    const settled = provider.fetch(target(provider, reference), call).then(
      () => "settled",
      () => "settled",
    );
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(() => resolve("still waiting after 1,000 ms"), 1_000);
    });
    assert.equal(await Promise.race([settled, late]), "settled");
    clearTimeout(timer);
  });

  promise(
    "its permissions are pure, well formed, and hold no value",
    ({ provider, existing, scope = defaultScope }) => {
      const targets = existing.map(({ reference }) => target(provider, reference));
      assert.deepEqual(provider.permissions([], scope), []);
      const permissions = provider.permissions(targets, scope);
      assert.deepEqual(provider.permissions(targets, scope), permissions);
      for (const { actions, resources } of permissions) {
        for (const action of actions) assert.match(action, /^[a-z0-9-]+:[A-Za-z0-9]+$/);
        assert.ok(actions.length > 0 && resources.length > 0 && resources.every((resource) => resource !== ""));
      }
      for (const { value } of existing) assertHidden(permissions, value);
    },
  );
}

/** A secret under whatever name its reference is bound to. */
const read = (reference: string): Secret<Uint8Array> => {
  const name = parseReference(reference).options.get("name");
  return bytes(reference, name === undefined ? {} : { name });
};

const target = (provider: Provider, reference: string): Target => provider.parse(parseReference(reference));

/** A resolver with an empty cache: the cache belongs to the provider object, so this gets one of its own. */
const fresh = (provider: Provider): Resolver => createResolver({ providers: [Object.create(provider) as Provider] });

async function assertValue(resolver: Resolver, reference: string, value: SecretValue): Promise<void> {
  assert.deepEqual(Buffer.from(await resolver.resolve(bytes(reference))), Buffer.from(value as string));
}

function countCalls(provider: Provider): { counted: Provider; calls: () => number } {
  let count = 0;
  const counting =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      count += 1;
      return call(...args);
    };
  const { batch } = provider;
  // Defined, not assigned: a frozen provider's members cannot be assigned over.
  const counted: Provider = Object.create(provider, {
    fetch: { value: counting((...args: Parameters<Provider["fetch"]>) => provider.fetch(...args)) },
    ...(batch !== undefined && {
      batch: {
        value: { ...batch, fetch: counting((...args: Parameters<typeof batch.fetch>) => batch.fetch(...args)) },
      },
    }),
  });
  return { counted, calls: () => count };
}

function fewestCalls(provider: Provider, targets: readonly Target[]): number {
  const sizes = new Map<string, number>();
  for (const { id, batch } of targets) {
    const key = batch === undefined ? `alone ${id}` : `batch ${batch}`;
    sizes.set(key, (sizes.get(key) ?? 0) + 1);
  }
  return [...sizes.values()].reduce((sum, size) => sum + Math.ceil(size / (provider.batch?.size ?? 1)), 0);
}

function thrownBy(run: () => unknown): SecretError {
  try {
    run();
  } catch (error) {
    assert.ok(isSecretError(error), "what it throws is a SecretError");
    return error;
  }
  return assert.fail("it accepted what it must refuse");
}

async function rejectionOf(promise: Promise<unknown>): Promise<SecretError> {
  const error = await promise.then(
    () => assert.fail("it gave what is not there"),
    (thrown: unknown) => thrown,
  );
  assert.ok(isSecretError(error), "what it rejects with is a SecretError");
  return error;
}

function assertHidden(shown: unknown, value: SecretValue): void {
  const plain = Buffer.from(value as string);
  const texts = [plain.toString("utf8"), plain.toString("base64"), plain.toString("hex")];
  const printed = inspect(shown, { depth: Number.POSITIVE_INFINITY, showHidden: true });
  for (const text of texts) assert.ok(text.length < 4 || !printed.includes(text), "a value is shown");
}
