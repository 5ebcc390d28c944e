import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, test as jestTest } from "@jest/globals";
import { type AwsClients, direct } from "@serverless-secrets/aws-client";
import {
  bytes,
  createResolver,
  formatReference,
  parseReference,
  reveal,
  type Sealer,
  type SecretValue,
} from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { providerConformance, type TestFunction } from "@serverless-secrets/core/testing";
import { type KmsClient, type KmsOptions, kms } from "../src/index.ts";
import { envelopeSealer, kmsSealer } from "../src/seal.ts";
import { counting } from "./counting.ts";
import { kmsfileContract } from "./filecontract.ts";

/** A KMS to hold the provider against: ours, another's, AWS's own. */
export interface KmsBackend {
  readonly region: string;
  /** How the provider under test reaches it. Default: as in a function, by the environment. */
  readonly clients?: AwsClients;
  /** What decrypts, in place of `clients`. */
  readonly client?: KmsClient;
  /**
   * How long a change of a key or an alias may take to show, in ms. Default 0.
   * [KMS, eventual consistency](https://docs.aws.amazon.com/kms/latest/developerguide/programming-eventual-consistency.html)
   */
  readonly settleMs?: number;
  /** Makes and changes keys. Default: as in a function, by the environment. */
  readonly admin?: Admin;
  /** Takes the tests instead of jest's, for a KMS that is known to fail some. */
  readonly test?: TestFunction;
}

/** Asks a KMS for an operation, and gives its answer. It rejects if the KMS refuses. */
export type Admin = (operation: string, input: object) => Promise<Record<string, unknown>>;

/** What the providers `kms` and `kmsfile` promise on any KMS. The keys that it makes carry a tag, and are scheduled for deletion at its end. */
export function kmsContract(name: string, backend: KmsBackend): void {
  const test: TestFunction = backend.test ?? jestTest;
  const sealing = backend.clients === undefined ? {} : { clients: backend.clients };
  const options: KmsOptions = { ...sealing, ...(backend.client !== undefined && { client: backend.client }) };
  const admin = backend.admin ?? directAdmin(backend.region);
  const made: { readonly keys: string[]; readonly aliases: string[] } = { keys: [], aliases: [] };
  const createKey = async (): Promise<string> => {
    const Tags = [{ TagKey: "serverless-secrets", TagValue: "contract-test" }];
    const { KeyMetadata } = await admin("CreateKey", { Description: "A contract test's; may be deleted", Tags });
    const { Arn } = KeyMetadata as { Arn: string };
    made.keys.push(Arn);
    return Arn;
  };
  // One for all tests but those that change it: on an account a key costs something until it is deleted.
  let shared: Promise<string> | undefined;
  const sharedKey = (): Promise<string> => {
    shared ??= createKey();
    return shared;
  };
  const sealed = (unsealed: string, value: SecretValue): Promise<string> => seal(kmsSealer(sealing), unsealed, value);
  const envelopesOf = (sealer: Sealer, unsealed: readonly string[]): Promise<string[]> =>
    Promise.all(unsealed.map((one, i) => seal(sealer, one, `value-${i}`)));
  const resolver = () => createResolver({ providers: [kms(options)] });
  const withOptions = (reference: string, change: (all: Map<string, string>) => void): string => {
    const parsed = parseReference(reference);
    const changed = new Map(parsed.options);
    change(changed);
    return formatReference({ ...parsed, options: changed });
  };

  describe(`kms on ${name}`, () => {
    // Within, so that it comes before the end of the KMS.
    afterAll(async () => {
      for (const AliasName of made.aliases) await admin("DeleteAlias", { AliasName });
      for (const key of made.keys) await admin("ScheduleKeyDeletion", { KeyId: idOf(key), PendingWindowInDays: 7 });
    });

    providerConformance(test, async () => {
      const key = await sharedKey();
      const secrets = [`kms::${key}`, `kms::${key}?name=db`, `kms::${key}?context.stage=prod&context.app=shop`];
      const existing = await Promise.all(
        secrets.map(async (unsealed, i) => ({
          reference: await sealed(unsealed, `value-${i}`),
          value: `value-${i}`,
        })),
      );
      const stage = `kms::${key}?context.stage=prod`;
      const envelopes = await envelopesOf(envelopeSealer(sealing), [stage, `${stage}&name=db`, stage, `kms::${key}`]);
      existing.push(...envelopes.map((reference, i) => ({ reference, value: `value-${i}` })));
      const { payload = "" } = parseReference(existing[0]?.reference ?? "");
      const gone = key.replace(/[^/]*$/, "00000000-0000-4000-8000-000000000000");
      return {
        provider: kms(options),
        existing,
        missing: `kms::${gone}::${payload}`,
        malformed: [
          `kms::${key}`,
          `kms::${key}::not base64!`,
          `kms::${payload}::${payload}`,
          `kms::${key}::${envelopes[0]?.split("::")[2]?.replace(/\..*/, ".")}`,
        ],
      };
    });

    for (const size of [1, 4_096]) {
      test(`a secret of ${size} bytes, none of them text, comes back as it was`, async () => {
        const value = new Uint8Array(size).fill(0xff);
        const reference = await sealed(`kms::${await sharedKey()}`, value);
        expect([...(await resolver().resolve(bytes(reference)))]).toEqual([...value]);
      });
    }

    test("fifty envelopes of one data key cost one request, asked for together or one after another", async () => {
      const key = await sharedKey();
      const unsealed = Array.from({ length: 50 }, (_, i) => `kms::${key}?name=s${i}`);
      const references = await envelopesOf(envelopeSealer(sealing), unsealed);
      const manifest = Object.fromEntries(references.map((reference, i) => [`s${i}`, reference]));
      const expected = Object.fromEntries(references.map((_, i) => [`s${i}`, `value-${i}`]));

      const together = counting(options);
      const { resolveAll } = createResolver({ providers: [kms(together.options)] });
      expect(reveal(await resolveAll(manifest))).toEqual(expected);
      expect(together.operations()).toEqual(["Decrypt"]);

      const apart = counting(options);
      const { resolve } = createResolver({ providers: [kms(apart.options)] });
      const found: Record<string, string> = {};
      for (const [name, reference] of Object.entries(manifest)) found[name] = await resolve(reference);
      expect(found).toEqual(expected);
      expect(apart.operations()).toEqual(["Decrypt"]);
    });

    test("values of one data key never mix, whoever asks for them first", async () => {
      const key = await sharedKey();
      const sealer = envelopeSealer(sealing);
      const unsealed = ["?name=a", "?name=b", "", "", "?name=a"].map((given) => `kms::${key}${given}`);
      const references = await envelopesOf(sealer, unsealed);
      for (const order of [references, references.toReversed()]) {
        const { resolve } = resolver();
        const found = await Promise.all(order.map((reference) => resolve(reference)));
        expect(new Map(order.map((reference, i) => [reference, found[i]]))).toEqual(
          new Map(references.map((reference, i) => [reference, `value-${i}`])),
        );
      }
    });

    test("what is added to a data key opens at no further cost", async () => {
      const key = await sharedKey();
      const unsealed = `kms::${key}?context.stage=prod`;
      const first = await seal(envelopeSealer(sealing), unsealed, "first");
      const second = await seal(envelopeSealer({ ...sealing, dataKeyOf: first }), `${unsealed}&name=db`, "second");
      const counted = counting(options);
      const { resolveAll } = createResolver({ providers: [kms(counted.options)] });
      expect(reveal(await resolveAll({ first, db: second }))).toEqual({ first: "first", db: "second" });
      expect(counted.operations()).toEqual(["Decrypt"]);
    });

    test("an envelope of 100 kB, none of it text, comes back as it was", async () => {
      const value = new Uint8Array(100_000).fill(0xff);
      const reference = await seal(envelopeSealer(sealing), `kms::${await sharedKey()}?name=large`, value);
      expect(Buffer.compare(await resolver().resolve(bytes(reference)), value)).toBe(0);
    });

    test("KMS itself keeps data keys and raw secrets apart", async () => {
      const key = await sharedKey();
      const envelope =
        parseReference(await seal(envelopeSealer(sealing), `kms::${key}`, "correct horse")).payload ?? "";
      const [wrapped = "", sealedValue] = envelope.split(".");
      const raw = parseReference(await sealed(`kms::${key}`, Buffer.alloc(32, 1))).payload ?? "";
      const crossed = [
        `kms::${key}::${Buffer.from(wrapped, "base64url").toString("base64")}`,
        `kms::${key}::${Buffer.from(raw, "base64").toString("base64url")}.${sealedValue}`,
      ];
      for (const reference of crossed) {
        await expect(resolver().resolve(reference)).rejects.toMatchObject({ code: "ERR_SECRET_INTEGRITY" });
      }
    });

    test("under another name or context an envelope does not open", async () => {
      const unsealed = `kms::${await sharedKey()}?name=db&context.stage=prod`;
      const reference = await seal(envelopeSealer(sealing), unsealed, "correct horse");
      for (const [option, value] of [
        ["name", "token"],
        ["context.stage", "dev"],
      ] as const) {
        const changed = withOptions(reference, (all) => all.set(option, value));
        await expect(resolver().resolve(changed)).rejects.toMatchObject({ code: "ERR_SECRET_INTEGRITY" });
      }
    });

    kmsfileContract(test, { options, sealing, key: sharedKey });

    test("a ciphertext that was made by Encrypt itself is read", async () => {
      const key = await sharedKey();
      const Plaintext = Buffer.from("correct horse").toString("base64");
      const { CiphertextBlob } = await admin("Encrypt", { KeyId: key, Plaintext });
      expect(await resolver().resolve(`kms::${key}::${CiphertextBlob}`)).toBe("correct horse");
    });

    test("a key may be named by an alias", async () => {
      const key = await sharedKey();
      const AliasName = `alias/serverless-secrets-contract-${randomUUID()}`;
      await admin("CreateAlias", { AliasName, TargetKeyId: key });
      made.aliases.push(AliasName);
      await within(backend.settleMs, async () => {
        const reference = await sealed(`kms::${key.replace(/:key\/.*$/, `:${AliasName}`)}`, "correct horse");
        expect(await resolver().resolve(reference)).toBe("correct horse");
      });
    });

    test("under another context, or none, a ciphertext does not open", async () => {
      const reference = await sealed(`kms::${await sharedKey()}?context.stage=prod&context.app=shop`, "correct horse");
      const changes: ((all: Map<string, string>) => void)[] = [
        (all) => all.set("context.stage", "Prod"),
        (all) => all.delete("context.app"),
        (all) => all.set("context.more", ""),
        (all) => all.clear(),
      ];
      for (const change of changes) {
        await expect(resolver().resolve(withOptions(reference, change))).rejects.toMatchObject({
          code: "ERR_SECRET_INTEGRITY",
        });
      }
    });

    test("under another key than its own, a ciphertext does not open", async () => {
      const [key, otherKey] = await Promise.all([createKey(), createKey()]);
      const { payload } = parseReference(await sealed(`kms::${key}`, "correct horse"));
      await expect(resolver().resolve(`kms::${otherKey}::${payload}`)).rejects.toMatchObject({
        code: "ERR_SECRET_INTEGRITY",
      });
    });

    test("two swapped lines of a manifest are noticed, also if their names are swapped with them", async () => {
      const key = await sharedKey();
      const [db, token] = await Promise.all(["db", "token"].map((name) => sealed(`kms::${key}?name=${name}`, name)));
      const swapped = resolver().resolveAll({ db: token as string, token: db as string });
      await expect(swapped).rejects.toMatchObject({ code: "ERR_SECRET_INTEGRITY" });
      const rename = (reference: string, name: string) => withOptions(reference, (all) => all.set("name", name));
      const renamed = resolver().resolveAll({
        db: rename(token as string, "db"),
        token: rename(db as string, "token"),
      });
      await expect(renamed).rejects.toMatchObject({ code: "ERR_SECRET_INTEGRITY" });
    });

    test("a truncated ciphertext is told as such", async () => {
      const reference = await sealed(`kms::${await sharedKey()}`, "correct horse");
      const { payload = "", ...rest } = parseReference(reference);
      const truncated = formatReference({ ...rest, payload: payload.slice(0, 80) });
      await expect(resolver().resolve(truncated)).rejects.toMatchObject({ code: "ERR_SECRET_INTEGRITY" });
    });

    test("a disabled key is told with the way to enable it", async () => {
      const key = await createKey();
      const reference = await sealed(`kms::${key}`, "correct horse");
      await admin("DisableKey", { KeyId: idOf(key) });
      await within(backend.settleMs, async () => {
        await expect(resolver().resolve(reference)).rejects.toMatchObject({
          code: "ERR_SECRET_ACCESS_DENIED",
          message: expect.stringMatching(/enable/i),
        });
      });
    });
  });
}

function directAdmin(region: string): Admin {
  const ask = direct();
  return (operation, input) => {
    const call = { signal: new AbortController().signal, deadlineMs: Date.now() + 10_000, background: false };
    return ask({ service: "kms", operation, region, input }, call);
  };
}

/** Every KMS takes it, also where it does not take an ARN. */
const idOf = (arn: string): string => arn.replace(/^.*\//, "");

/** Checks until it is so, once a second. */
async function within(settleMs = 0, check: () => Promise<void>): Promise<void> {
  const untilMs = Date.now() + settleMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= untilMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }
}
