import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect } from "@jest/globals";
import type { AwsClients } from "@serverless-secrets/aws-client";
import { bytes, createResolver, reveal } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { providerConformance, type TestFunction } from "@serverless-secrets/core/testing";
import { type KmsOptions, kmsfile } from "../src/index.ts";
import { kmsfileSealer } from "../src/seal.ts";
import { counting } from "./counting.ts";

/** What is needed of a KMS. */
interface Subject {
  /** How the provider reaches it. */
  readonly options: KmsOptions;
  /** How the sealer does. */
  readonly sealing: { readonly clients?: AwsClients };
  /** The ARN of a key. */
  readonly key: () => Promise<string>;
}

/** What the `kmsfile` provider promises on any KMS. */
export function kmsfileContract(test: TestFunction, { options, sealing, key }: Subject): void {
  describe("kmsfile", () => {
    const roots: string[] = [];
    afterAll(() => Promise.all(roots.map((root) => rm(root, { recursive: true }))));
    const makeRoot = async (): Promise<string> => {
      const root = await mkdtemp(join(tmpdir(), "kmsfile-"));
      roots.push(root);
      return root;
    };

    providerConformance(test, async () => {
      const [root, arn] = [await makeRoot(), await key()];
      const sealer = kmsfileSealer({ ...sealing, root });
      const files = {
        "db.txt": "a database's password",
        "certs/server.pem?name=cert": "a certificate",
        "certs/server.key": Uint8Array.of(0, 0xff, 0xfe),
        "naïve ☃.json?context.stage=prod": '{"password":"correct horse"}',
      };
      const existing: { reference: string; value: string | Uint8Array }[] = [];
      for (const [path, value] of Object.entries(files)) {
        existing.push({ reference: await seal(sealer, `kmsfile::${arn}::${path}`, value), value });
      }
      const [first = ""] = existing.map(({ reference }) => reference);
      return {
        provider: kmsfile({ ...options, root }),
        existing,
        missing: first.replace("db.txt", "no-such-file.txt"),
        malformed: [
          `kmsfile::${arn}`,
          `kmsfile::${arn}::db.txt`,
          first.replace("db.txt", "../db.txt"),
          first.replace("db.txt", "%252e%252e/db.txt"),
          first.replace("::1.", "::2."),
          first.replace("::1.", "::"),
        ],
      };
    });

    test("twenty files of one data key cost one request", async () => {
      const [root, arn] = [await makeRoot(), await key()];
      const sealer = kmsfileSealer({ ...sealing, root });
      const manifest: Record<string, string> = {};
      const expected: Record<string, string> = {};
      for (let i = 0; i < 20; i += 1) {
        expected[`f${i}`] = `value-${i}`;
        manifest[`f${i}`] = await seal(sealer, `kmsfile::${arn}::f/${i}?name=f${i}`, `value-${i}`);
      }
      const counted = counting(options);
      const { resolveAll } = createResolver({ providers: [kmsfile({ ...counted.options, root })] });
      expect(reveal(await resolveAll(manifest))).toEqual(expected);
      expect(counted.operations()).toEqual(["Decrypt"]);
    });

    test("a file of 1 MB, none of it text, comes back as it was; sealed again it is the new one", async () => {
      const [root, arn] = [await makeRoot(), await key()];
      const value = new Uint8Array(1_000_000).fill(0xff);
      const unsealed = `kmsfile::${arn}::large.bin`;
      const reference = await seal(kmsfileSealer({ ...sealing, root }), unsealed, value);
      const read = () => createResolver({ providers: [kmsfile({ ...options, root })] }).resolve(bytes(reference));
      expect(Buffer.compare(await read(), value)).toBe(0);
      const again = await seal(kmsfileSealer({ ...sealing, root, dataKeyOf: reference }), unsealed, "small");
      expect(again).toBe(reference);
      expect(Buffer.from(await read()).toString()).toBe("small");
    });
  });
}
