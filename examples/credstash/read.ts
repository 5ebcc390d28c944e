import { createResolver } from "@serverless-secrets/core";
import { credstash } from "@serverless-secrets/provider-credstash";
import refs from "./secrets.json" with { type: "json" };

// As `credstash --kms-region us-east-1`.
const { resolveAll } = createResolver({ providers: [credstash({ kmsRegion: "us-east-1" })] });

export const handler = async () => {
  const { database, token } = await resolveAll(refs);
  return { databaseCharacters: database.length, tokenCharacters: token.length };
};
