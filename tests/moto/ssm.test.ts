import { SSM } from "@aws-sdk/client-ssm";
import { afterAll, describe } from "@jest/globals";
import { sdk } from "../../packages/aws-client/src/sdk/index.ts";
import { ssmContract } from "../../packages/provider-ssm/test/contract.ts";
import { adminOf, askOf } from "./ask.ts";
import { butFor } from "./but-for.ts";
import { testDifferentAnswers } from "./different-answers.ts";
import { leadTo, startMoto } from "./moto.ts";
import { ssmAnswers, ssmDifferences } from "./ssm.differences.ts";

const moto = await startMoto();
leadTo(moto);
afterAll(() => moto.stop());

const { region } = moto;
const ask = askOf(moto, "ssm");
const admin = adminOf(ask);
const paths = {
  moto: {},
  "moto, through the SDK": { clients: sdk({ ssm: (where) => new SSM({ region: where }) }) },
};
for (const [name, options] of Object.entries(paths)) {
  butFor(ssmDifferences, (test) => ssmContract(name, { region, admin, test, options }));
}

describe("where moto's SSM answers otherwise than AWS's", () =>
  testDifferentAnswers(ask, async () => undefined, ssmAnswers));
