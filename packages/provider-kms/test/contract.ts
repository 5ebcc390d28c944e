import { describe, expect, test } from "@jest/globals";
import { type AwsClients, direct } from "@serverless-secrets/aws-client";
import { bytes, createResolver, formatReference, parseReference, type SecretValue } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { providerConformance } from "@serverless-secrets/core/testing";
import { type KmsOptions, kms } from "../src/index.ts";
import { kmsSealer } from "../src/seal.ts";

/** A KMS to hold the provider against: ours, another's, AWS's own. */
export interface KmsBackend {
  readonly region: string;
  /** How the provider under test reaches it. Default: as in a function, by the environment. */
  readonly clients?: AwsClients;
}

/** What the `kms` provider promises on any KMS. */
export function kmsContract(name: string, backend: KmsBackend): void {
  const options: KmsOptions = backend.clients === undefined ? {} : { clients: backend.clients };
  const ask = direct();
  const admin = (operation: string, input: object): Promise<Record<string, unknown>> => {
    const call = { signal: new AbortController().signal, deadlineMs: Date.now() + 10_000, background: false };
    return ask({ service: "kms", operation, region: backend.region, input }, call);
  };
  const createKey = async (): Promise<string> =>
    ((await admin("CreateKey", {})) as { KeyMetadata: { Arn: string } }).KeyMetadata.Arn;
  const sealed = (unsealed: string, value: SecretValue): Promise<string> => seal(kmsSealer(options), unsealed, value);
  const resolver = () => createResolver({ providers: [kms(options)] });
  const withOptions = (reference: string, change: (all: Map<string, string>) => void): string => {
    const parsed = parseReference(reference);
    const changed = new Map(parsed.options);
    change(changed);
    return formatReference({ ...parsed, options: changed });
  };

  describe(`kms on ${name}`, () => {
    providerConformance(test, async () => {
      const key = await createKey();
      const secrets = [`kms::${key}`, `kms::${key}?name=db`, `kms::${key}?context.stage=prod&context.app=shop`];
      const existing = await Promise.all(
        secrets.map(async (unsealed, i) => ({
          reference: await sealed(unsealed, `value-${i}`),
          value: `value-${i}`,
        })),
      );
      const { payload = "" } = parseReference(existing[0]?.reference ?? "");
      const gone = key.replace(/[^/]*$/, "00000000-0000-4000-8000-000000000000");
      return {
        provider: kms(options),
        existing,
        missing: `kms::${gone}::${payload}`,
        malformed: [`kms::${key}`, `kms::${key}::not base64!`, `kms::${payload}::${payload}`],
      };
    });

    test.each([1, 4_096])("a secret of %d bytes, none of them text, comes back as it was", async (size) => {
      const value = new Uint8Array(size).fill(0xff);
      const reference = await sealed(`kms::${await createKey()}`, value);
      expect([...(await resolver().resolve(bytes(reference)))]).toEqual([...value]);
    });

    test("a ciphertext that was made by Encrypt itself is read", async () => {
      const key = await createKey();
      const Plaintext = Buffer.from("correct horse").toString("base64");
      const { CiphertextBlob } = await admin("Encrypt", { KeyId: key, Plaintext });
      expect(await resolver().resolve(`kms::${key}::${CiphertextBlob}`)).toBe("correct horse");
    });

    test("a key may be named by an alias", async () => {
      const key = await createKey();
      const AliasName = `alias/contract-${Date.now()}`;
      await admin("CreateAlias", { AliasName, TargetKeyId: key });
      const reference = await sealed(`kms::${key.replace(/:key\/.*$/, `:${AliasName}`)}`, "correct horse");
      expect(await resolver().resolve(reference)).toBe("correct horse");
    });

    test("under another context, or none, a ciphertext does not open", async () => {
      const reference = await sealed(`kms::${await createKey()}?context.stage=prod&context.app=shop`, "correct horse");
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

    test("two swapped lines of a manifest are noticed, also if their names are swapped with them", async () => {
      const key = await createKey();
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
      const reference = await sealed(`kms::${await createKey()}`, "correct horse");
      const { payload = "", ...rest } = parseReference(reference);
      const truncated = formatReference({ ...rest, payload: payload.slice(0, 80) });
      await expect(resolver().resolve(truncated)).rejects.toMatchObject({ code: "ERR_SECRET_INTEGRITY" });
    });

    test("a disabled key is told with the way to enable it", async () => {
      const key = await createKey();
      const reference = await sealed(`kms::${key}`, "correct horse");
      await admin("DisableKey", { KeyId: key });
      await expect(resolver().resolve(reference)).rejects.toMatchObject({
        code: "ERR_SECRET_ACCESS_DENIED",
        message: expect.stringMatching(/enable/i),
      });
    });
  });
}
