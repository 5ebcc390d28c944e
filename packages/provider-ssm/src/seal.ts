import { defaultRegion, senderOf } from "@serverless-secrets/aws-client";
import { type Reference, type Sealer, SecretError } from "@serverless-secrets/core";
import { bytesToSeal } from "@serverless-secrets/core/seal";
import { permitWrites } from "./permissions.ts";
import type { SsmOptions } from "./ssm.ts";
import { parseTarget, type SsmTarget } from "./target.ts";

/** SSM keeps at most so much in an advanced parameter; in a standard one 4,096. */
const maxValueBytes = 8_192;
const maxStandardBytes = 4_096;

/**
 * Writes secrets of 1 to 8,192 bytes of text: `ssm::<name>[?key=<key ARN>]` gets a new version, or is created, always as a
 * SecureString; over 4,096 bytes as an advanced parameter, which AWS charges for. The reference that comes back names no
 * version, so that it follows the latest.
 * @throws SecretError from `seal`: `ERR_SECRET_REFERENCE`, `ERR_SECRET_VALUE` for size or bytes, and what SSM refuses
 */
export function ssmSealer(options: Omit<SsmOptions, "via" | "allowUnencrypted"> = {}): Sealer {
  const send = senderOf(options);
  const scheme = options.scheme ?? "ssm";
  const read = (unsealed: Reference): SsmTarget => {
    if (unsealed.scheme === scheme) {
      const target = parseTarget(unsealed, options.region);
      if (target.selector === "" && !target.name.startsWith("arn:")) return target;
    }
    throw new SecretError("ERR_SECRET_REFERENCE", `what to write is ${scheme}::<name>, without a version or label.`);
  };
  return {
    scheme,
    async seal(unsealed, plaintext, call) {
      const { name, region = defaultRegion(), keyArn } = read(unsealed);
      if (typeof plaintext !== "string") throw refused("SSM keeps text alone; encode the bytes, e.g. as base64");
      const { length: sizeBytes } = bytesToSeal(plaintext, `SSM keeps 1 to ${maxValueBytes}`, maxValueBytes);
      const input = {
        Name: name,
        Value: plaintext,
        Type: "SecureString",
        Overwrite: true,
        ...(keyArn !== undefined && { KeyId: keyArn }),
        ...(sizeBytes > maxStandardBytes && { Tier: "Advanced" }),
      };
      await send({ service: "ssm", operation: "PutParameter", region, input, resource: name }, call);
      return unsealed;
    },
    permissions: (unsealed, scope) => permitWrites(unsealed.map(read), scope),
  };
}

const refused = (why: string): SecretError =>
  new SecretError("ERR_SECRET_VALUE", `the secret cannot be written: ${why}.`);
