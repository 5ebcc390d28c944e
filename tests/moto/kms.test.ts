import { KMS } from "@aws-sdk/client-kms";
import { afterAll, describe } from "@jest/globals";
import { sdk } from "../../packages/aws-client/src/sdk/index.ts";
import { kmsContract } from "../../packages/provider-kms/test/contract.ts";
import { adminOf, askOf } from "./ask.ts";
import { butFor } from "./but-for.ts";
import { type KmsWorld, kmsAnswers, kmsDifferences } from "./differences.ts";
import { testDifferentAnswers } from "./different-answers.ts";
import { leadTo, startMoto } from "./moto.ts";

const moto = await startMoto();
leadTo(moto);
afterAll(() => moto.stop());

const { region } = moto;
const ask = askOf(moto, "kms");
const admin = adminOf(ask);
const paths = {
  moto: {},
  "moto, through the SDK": { clients: sdk({ kms: (where) => new KMS({ region: where }) }) },
  "moto, with a client of the user's": { client: new KMS({ region }) },
};
for (const [name, path] of Object.entries(paths)) {
  butFor(kmsDifferences, (test) => kmsContract(name, { region, admin, test, ...path }));
}

describe("where moto's KMS answers otherwise than AWS's", () => testDifferentAnswers(ask, makeWorld, kmsAnswers));

async function makeWorld(): Promise<KmsWorld> {
  const createKey = async () => ((await admin("CreateKey", {})) as { KeyMetadata: { Arn: string } }).KeyMetadata.Arn;
  const [key, otherKey] = await Promise.all([createKey(), createKey()]);
  const { CiphertextBlob } = await admin("Encrypt", { KeyId: key, Plaintext: "aGVsbG8=" });
  return { key, otherKey, ciphertext: CiphertextBlob as string };
}
