import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, test as jestTest } from "@jest/globals";
import { direct } from "@serverless-secrets/aws-client";
import { bytes, createResolver } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { providerConformance, type TestFunction } from "@serverless-secrets/core/testing";
import { type SecretsManagerOptions, secretsManager } from "../src/index.ts";
import { secretsManagerSealer } from "../src/seal.ts";

/** A Secrets Manager to hold the provider against: ours, another's, AWS's own. */
export interface SecretsManagerBackend {
  readonly region: string;
  /** How the provider under test reaches it. Default: as in a function, by the environment. */
  readonly options?: Pick<SecretsManagerOptions, "clients" | "via">;
  /** Makes and changes secrets. Default: as in a function, by the environment. */
  readonly admin?: Admin;
  /** Takes the tests instead of jest's, for a Secrets Manager that is known to fail some. */
  readonly test?: TestFunction;
}

/** Asks for an operation, and gives its answer. It rejects if Secrets Manager refuses. */
export type Admin = (operation: string, input: object) => Promise<Record<string, unknown>>;

interface Made {
  readonly ARN: string;
  readonly Name: string;
  readonly VersionId: string;
}

/** What the `secretsmanager` provider promises on any Secrets Manager. It deletes the secrets that it makes. */
export function secretsManagerContract(name: string, backend: SecretsManagerBackend): void {
  const test: TestFunction = backend.test ?? jestTest;
  const { options = {} } = backend;
  const admin = backend.admin ?? directAdmin(backend.region);
  const sealer = secretsManagerSealer(options.clients === undefined ? {} : { clients: options.clients });
  const run = randomUUID().slice(0, 8);
  const made = new Set<string>();

  const nameOf = (suffix: string): string => {
    const whole = `serverless-secrets-contract/${run}/${suffix}`;
    made.add(whole);
    return whole;
  };
  const create = async (suffix: string, value: object | string): Promise<Made> => {
    const Name = nameOf(suffix);
    const content = typeof value === "string" ? { SecretString: value } : value;
    const token = { ClientRequestToken: randomUUID() };
    return (await admin("CreateSecret", { Name, ...token, ...content })) as unknown as Made;
  };
  const put = async (SecretId: string, SecretString: string, ...VersionStages: readonly string[]): Promise<string> => {
    const stages = VersionStages.length > 0 ? { VersionStages } : {};
    const input = { SecretId, SecretString, ClientRequestToken: randomUUID(), ...stages };
    return String((await admin("PutSecretValue", input)).VersionId);
  };
  const resolver = () => createResolver({ providers: [secretsManager(options)] });
  const resolve = (rest: string) => resolver().resolve(`secretsmanager::${rest}`);

  describe(`secretsmanager on ${name}`, () => {
    // Within, so that it comes before the end of the backend.
    afterAll(async () => {
      for (const SecretId of made) {
        await admin("DeleteSecret", { SecretId, ForceDeleteWithoutRecovery: true }).catch(() => {});
      }
    });

    providerConformance(test, async () => {
      const many = await Promise.all(Array.from({ length: 20 }, (_, i) => create(`many-${i}`, `value-${i}`)));
      const binary = await create("binary", { SecretBinary: "AP/+gA==" });
      const rotated = await create("rotated", "first value");
      await put(rotated.Name, "second value");
      return {
        provider: secretsManager(options),
        existing: [
          ...many.map(({ Name }, i) => ({ reference: `secretsmanager::${Name}`, value: `value-${i}` })),
          { reference: `secretsmanager::${binary.Name}`, value: Uint8Array.of(0, 0xff, 0xfe, 0x80) },
          { reference: `secretsmanager::${rotated.ARN}`, value: "second value" },
          { reference: `secretsmanager::${rotated.Name}::AWSPREVIOUS`, value: "first value" },
          { reference: `secretsmanager::${rotated.Name}::${rotated.VersionId}?name=db`, value: "first value" },
        ],
        missing: `secretsmanager::${nameOf("missing")}`,
        malformed: [
          "secretsmanager::no such name",
          `secretsmanager::${rotated.ARN.replace("secret:", "policy:")}`,
          `secretsmanager::${rotated.Name}::no such stage`,
        ],
      };
    });

    test("a secret is read by name, by ARN, and by ARN without its six last characters, alone and in a batch", async () => {
      const { ARN, Name } = await create("by-any-name", "correct horse");
      const other = await create("by-any-name-2", "battery staple");
      const references = [Name, ARN, ARN.replace(/-\w{6}$/, "")].map((id) => `secretsmanager::${id}`);
      for (const reference of references) expect(await resolver().resolve(reference)).toBe("correct horse");
      const all = Object.fromEntries([...references, `secretsmanager::${other.ARN}`].map((text, i) => [`s${i}`, text]));
      const values = await resolver().resolveAll(all);
      expect(Object.keys(all).map((key) => values[key])).toEqual([...Array(3).fill("correct horse"), "battery staple"]);
    });

    test("a version is read by its stage and by its id", async () => {
      const { Name, VersionId } = await create("versions", "first");
      const second = await put(Name, "second");
      const third = await put(Name, "third", "BLUE");
      expect(await resolve(Name)).toBe("second");
      expect(await resolve(`${Name}::AWSCURRENT`)).toBe("second");
      expect(await resolve(`${Name}::AWSPREVIOUS`)).toBe("first");
      expect(await resolve(`${Name}::BLUE`)).toBe("third");
      expect(await resolve(`${Name}::${VersionId}`)).toBe("first");
      expect(await resolve(`${Name}::${second}`)).toBe("second");
      expect(await resolve(`${Name}?versionId=${third}`)).toBe("third");
    });

    test("a stage or version that the secret does not have is not found", async () => {
      const { Name } = await create("no-such-version", "first");
      for (const version of ["AWSPREVIOUS", randomUUID()]) {
        await expect(resolve(`${Name}::${version}`)).rejects.toMatchObject({ code: "ERR_SECRET_NOT_FOUND" });
      }
    });

    test("a rotation changes what is current, and its secret to come is not given before", async () => {
      const { Name, VersionId } = await create("rotation", "old");
      const pending = await put(Name, "new", "AWSPENDING");
      expect(await resolve(Name)).toBe("old");
      expect(await resolve(`${Name}::AWSPENDING`)).toBe("new");
      const move = { SecretId: Name, VersionStage: "AWSCURRENT", MoveToVersionId: pending };
      await admin("UpdateSecretVersionStage", { ...move, RemoveFromVersionId: VersionId });
      expect(await resolve(Name)).toBe("new");
      expect(await resolve(`${Name}::AWSPREVIOUS`)).toBe("old");
    });

    test("among many, each that cannot be had is told by its name, and the others are served", async () => {
      const good = await create("good", "correct horse");
      const { resolve, resolveAll } = resolver();
      const error = await resolveAll({
        good: `secretsmanager::${good.Name}`,
        missing: `secretsmanager::${nameOf("never-made")}`,
        arn: `secretsmanager::${good.ARN.replace("good", "bad")}`,
        version: `secretsmanager::${good.Name}::NOSTAGE`,
      }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({
        code: "ERR_SECRET_NOT_FOUND",
        errors: ["missing", "arn", "version"].map((secretName) => ({
          secretName,
          code: "ERR_SECRET_NOT_FOUND",
          detail: expect.stringContaining("does not exist"),
        })),
      });
      expect(await resolve(`secretsmanager::${good.Name}`)).toBe("correct horse");
    });

    test("what is marked for deletion is told with the way to restore it, alone and beside another, which is served", async () => {
      const good = await create("kept", "correct horse");
      const deleted = await create("deleted", "battery staple");
      await admin("DeleteSecret", { SecretId: deleted.Name, RecoveryWindowInDays: 7 });
      const error = { code: "ERR_SECRET_NOT_FOUND", message: expect.stringContaining("restore-secret") };
      await expect(resolve(deleted.Name)).rejects.toMatchObject(error);
      const { resolveAll, resolve: resolveAgain } = resolver();
      const secrets = { good: `secretsmanager::${good.Name}`, deleted: `secretsmanager::${deleted.Name}` };
      await expect(resolveAll(secrets)).rejects.toMatchObject({ ...error, secretName: "deleted" });
      expect(await resolveAgain(secrets.good)).toBe("correct horse");
      await admin("RestoreSecret", { SecretId: deleted.Name });
    });

    test("a member of a JSON document is read by its pointer", async () => {
      const { Name } = await create("document", JSON.stringify({ user: "app", password: "correct horse", port: 5432 }));
      const { resolveAll } = resolver();
      const { user, password, port } = await resolveAll({
        user: `secretsmanager::${Name}#/user`,
        password: `secretsmanager::${Name}#/password`,
        port: `secretsmanager::${Name}#/port`,
      });
      expect({ user, password, port }).toEqual({ user: "app", password: "correct horse", port: "5432" });
    });

    for (const [what, value] of [
      ["text of 65,536 bytes", "é".repeat(32_768)],
      ["65,536 bytes that are none", new Uint8Array(65_536).fill(0xff)],
      ["one byte", Uint8Array.of(0)],
      ["what looks like JSON, HTML or a template", '{"a":"${x}"}</script>\u2028'],
    ] as const) {
      test(`${what}: what is written comes back as it was, new and once more`, async () => {
        const unsealed = `secretsmanager::${nameOf(what.replace(/\W+/g, "-"))}`;
        expect(await seal(sealer, unsealed, "before")).toBe(unsealed);
        const reference = await seal(sealer, unsealed, value);
        expect(reference).toBe(unsealed);
        const read = await resolver().resolve(bytes(reference));
        expect(Buffer.from(read).equals(Buffer.from(value as string))).toBe(true);
        expect(await resolver().resolve(`${reference}::AWSPREVIOUS`)).toBe("before");
      });
    }

    test("what is marked for deletion is not written over", async () => {
      const { Name } = await create("deleted-too", "correct horse");
      await admin("DeleteSecret", { SecretId: Name, RecoveryWindowInDays: 7 });
      await expect(seal(sealer, `secretsmanager::${Name}`, "battery staple")).rejects.toMatchObject({
        code: "ERR_SECRET_NOT_FOUND",
        message: expect.stringContaining("restore-secret"),
      });
      await admin("RestoreSecret", { SecretId: Name });
      expect(await resolve(Name)).toBe("correct horse");
    });
  });
}

function directAdmin(region: string): Admin {
  const ask = direct();
  return (operation, input) => {
    const call = { signal: new AbortController().signal, deadlineMs: Date.now() + 10_000, background: false };
    return ask({ service: "secretsmanager", operation, region, input }, call);
  };
}
