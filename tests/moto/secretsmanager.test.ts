import { randomUUID } from "node:crypto";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { afterAll, describe } from "@jest/globals";
import { sdk } from "../../packages/aws-client/src/sdk/index.ts";
import { secretsManagerContract } from "../../packages/provider-secrets-manager/test/contract.ts";
import { adminOf, askOf } from "./ask.ts";
import { butFor } from "./but-for.ts";
import { testDifferentAnswers } from "./different-answers.ts";
import { leadTo, startMoto } from "./moto.ts";
import {
  type SecretsManagerWorld,
  secretsManagerAnswers,
  secretsManagerDifferences,
} from "./secretsmanager.differences.ts";

const moto = await startMoto();
leadTo(moto);
afterAll(() => moto.stop());

const { region } = moto;
const ask = askOf(moto, "secretsmanager");
const admin = adminOf(ask);
const paths = {
  moto: {},
  "moto, through the SDK": { clients: sdk({ secretsmanager: (where) => new SecretsManager({ region: where }) }) },
};
for (const [name, options] of Object.entries(paths)) {
  butFor(secretsManagerDifferences, (test) => secretsManagerContract(name, { region, admin, test, options }));
}

describe("where moto's Secrets Manager answers otherwise than AWS's", () =>
  testDifferentAnswers(ask, makeWorld, secretsManagerAnswers));

async function makeWorld(): Promise<SecretsManagerWorld> {
  const Name = `moto-${randomUUID()}`;
  await admin("CreateSecret", { Name, SecretString: "correct horse", ClientRequestToken: randomUUID() });
  await admin("DeleteSecret", { SecretId: Name, RecoveryWindowInDays: 7 });
  return { deleted: Name };
}
