// Where moto 5.2.5 does not do as AWS's DynamoDB and KMS: data, as differences.ts has it for KMS.
import type { Differences } from "./differences.ts";

export const credstashDifferences: Differences = {
  "under another key than its own, an item does not open": {
    moto: "takes it for a lack of permission",
    fails: '-   "code": "ERR_SECRET_INTEGRITY",\n+   "code": "ERR_SECRET_ACCESS_DENIED",',
  },
};
