// Adds a secret to a manifest, or changes it: node seal.ts secrets.json KEY_ARN NAME, with the secret on standard input.
import { readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { seal } from "@serverless-secrets/core/seal";
import { kmsSealer } from "@serverless-secrets/provider-kms/seal";

const [manifest = "", keyArn, name = ""] = process.argv.slice(2);
const secrets = JSON.parse(await readFile(manifest, "utf8"));
const secret = (await text(process.stdin)).replace(/\r?\n$/, ""); // what Enter adds is no part of it
secrets[name] = await seal(kmsSealer(), `kms::${keyArn}?name=${name}`, secret);
await writeFile(manifest, `${JSON.stringify(secrets, null, 2)}\n`);
