import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type LocalAws, startLocalAws } from "../src/index.ts";
import { client, refusal } from "./client.ts";

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "local-aws-"));
  folder = join(root, "state");
});
const started: LocalAws[] = [];
async function start(options: { readonly port?: number } = {}): Promise<LocalAws> {
  const aws = await startLocalAws({ folder, ...options });
  started.push(aws);
  return aws;
}
afterEach(async () => {
  await Promise.all(started.splice(0).map((aws) => aws.stop()));
  rmSync(root, { recursive: true, force: true });
});

const mode = (path: string): number => statSync(path).mode & 0o777;
const Plaintext = new TextEncoder().encode("canary-7f3a");

describe("a folder", () => {
  test("carries keys, aliases and their state over a restart; credentials never", async () => {
    const first = await start();
    const kms = client(first);
    const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn;
    await kms.send(new CreateAliasCommand({ AliasName: "alias/app", TargetKeyId: KeyId }));
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: "alias/app", Plaintext }));
    const dying = first.createKey().arn;
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: dying }));
    await first.stop();

    const second = await start();
    expect(second.credentials).not.toEqual(first.credentials);
    const again = client(second);
    const opened = await again.send(new DecryptCommand({ CiphertextBlob, KeyId: "alias/app" }));
    expect(opened).toMatchObject({ KeyId, Plaintext: Uint8Array.from(Plaintext) });
    const call = again.send(new EncryptCommand({ KeyId: dying, Plaintext }));
    expect(await refusal(call)).toMatchObject({ name: "KMSInvalidStateException" });
    await second.stop();
  });

  test("is its owner's alone, and so are its files; nothing is left beside them", async () => {
    const aws = await start();
    aws.createKey();
    expect(mode(folder)).toBe(0o700);
    expect(readdirSync(folder).sort()).toEqual(["lock", "state.json"]);
    for (const name of readdirSync(folder)) expect(mode(join(folder, name))).toBe(0o600);
    await aws.stop();
    expect(readdirSync(folder)).toEqual(["state.json"]);
  });

  test("holds no plaintext, ciphertext or credential", async () => {
    const aws = await start();
    const { arn: KeyId } = aws.createKey();
    const { CiphertextBlob } = await client(aws).send(new EncryptCommand({ KeyId, Plaintext }));
    await client(aws).send(new CreateKeyCommand({}));
    const kept = readFileSync(join(folder, "state.json"), "utf8");
    const secrets = [Plaintext, CiphertextBlob as Uint8Array].flatMap((bytes) =>
      (["base64", "hex", "latin1"] as const).map((encoding) => Buffer.from(bytes).toString(encoding)),
    );
    for (const secret of [...secrets, aws.credentials.accessKeyId, aws.credentials.secretAccessKey])
      expect(kept).not.toContain(secret);
    await aws.stop();
  });
});

describe("refuses, and says the cure", () => {
  const failing = async (): Promise<string> => {
    const aws = await start().catch((error: Error) => error.message);
    if (typeof aws === "string") return aws;
    await aws.stop();
    return "started";
  };

  test.each([0o750, 0o705, 0o777, 0o710])("a folder that others can enter: %o", async (open) => {
    mkdirSync(folder);
    chmodSync(folder, open);
    expect(await failing()).toBe(
      `${folder} can be read by others, and key material is kept in it: chmod 700 ${folder}`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a symbolic link to a folder", async () => {
    mkdirSync(join(root, "real"), { mode: 0o700 });
    symlinkSync(join(root, "real"), folder);
    expect(await failing()).toContain("symbolic link");
  });

  test("a file", async () => {
    writeFileSync(folder, "");
    expect(await failing()).toMatch(/no folder|EEXIST/);
  });

  test("a state that is a symbolic link, or can be read by others", async () => {
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(root, "elsewhere"), "{}");
    symlinkSync(join(root, "elsewhere"), join(folder, "state.json"));
    expect(await failing()).toContain("ELOOP");
    rmSync(join(folder, "state.json"));
    writeFileSync(join(folder, "state.json"), '{"version":1}', { mode: 0o644 });
    expect(await failing()).toContain("chmod 600");
  });

  test("a state that does not read, without quoting it", async () => {
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, "state.json"), "{ material: hunter2", { mode: 0o600 });
    expect(await failing()).toBe(`${join(folder, "state.json")} is not JSON`);
    writeFileSync(join(folder, "state.json"), '{"version":2}');
    expect(await failing()).toContain("of another version");
  });

  test("a second server, in this process", async () => {
    const aws = await start();
    expect(await failing()).toContain(`in use by another local AWS (process ${process.pid})`);
    await aws.stop();
    expect(await failing()).toBe("started");
  });

  test("a second server, in another process; but not one that is gone", async () => {
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, "lock"), String(process.ppid), { mode: 0o600 });
    expect(await failing()).toContain(`(process ${process.ppid})`);
    for (const gone of ["999999999", "", "0", String(process.pid)]) {
      writeFileSync(join(folder, "lock"), gone);
      expect(await failing()).toBe("started");
    }
  });

  test("a port in use, and lets go of the folder", async () => {
    const other = await startLocalAws();
    started.push(other);
    const port = Number(new URL(other.endpoint).port);
    await expect(start({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    await other.stop();
    expect(await failing()).toBe("started");
  });
});
