import { readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { seal } from "@serverless-secrets/core/seal";
import { envelopeSealer, kmsfileSealer } from "@serverless-secrets/provider-kms/seal";

// node seal.ts <key arn> <signing key's file> < {"partnerToken":"…","partnerId":"…"}
const [keyArn, signingKeyFile = ""] = process.argv.slice(2);
const { partnerToken, partnerId } = JSON.parse(await text(process.stdin));

// A sealer makes one data key for all that it seals under one key and context: two KMS requests will open these three.
const envelopes = envelopeSealer();
const files = kmsfileSealer({ root: "." });
const stage = "context.stage=prod";

const manifest = {
  partnerToken: await seal(envelopes, `kms::${keyArn}?name=partnerToken&${stage}`, partnerToken),
  partnerId: await seal(envelopes, `kms::${keyArn}?name=partnerId&${stage}`, partnerId),
  signingKey: await seal(
    files,
    `kmsfile::${keyArn}::sealed/signing-key.pem?name=signingKey&${stage}`,
    await readFile(signingKeyFile),
  ),
};
await writeFile("secrets.json", `${JSON.stringify(manifest, null, 2)}\n`); // Commit it, and the folder sealed/.
