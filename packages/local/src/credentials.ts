import { randomBytes } from "node:crypto";

/** Credentials that only one start of one server knows. */
export interface LocalCredentials {
  /** 20 characters beginning with `LOCAL`, so that no one takes it for AWS's, whose begin with `AKIA` or `ASIA`. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Makes new ones. */
export function createCredentials(): LocalCredentials {
  return {
    accessKeyId: `LOCAL${[...randomBytes(15)].map((byte) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte % 32]).join("")}`,
    secretAccessKey: randomBytes(30).toString("base64url"),
    sessionToken: `local.${randomBytes(48).toString("base64url")}`,
  };
}
