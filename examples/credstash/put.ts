import { seal } from "@serverless-secrets/core/seal";
import { credstashSealer } from "@serverless-secrets/provider-credstash/seal";

/** As `credstash put --autoversion --digest SHA512`. Gives the reference of the version that it put. */
export const put = (unsealed: string, value: string): Promise<string> =>
  seal(credstashSealer({ digest: "SHA512", kmsRegion: "us-east-1" }), unsealed, value);
