import { randomUUID } from "node:crypto";
import { defaultRegion, senderOf } from "@serverless-secrets/aws-client";
import { type Call, type Reference, type Sealer, SecretError, type SecretValue } from "@serverless-secrets/core";
import { bytesToSeal } from "@serverless-secrets/core/seal";
import { permitWrites } from "./permissions.ts";
import type { SecretsManagerOptions } from "./secretsmanager.ts";
import { parseTarget, type SecretsManagerTarget } from "./target.ts";

/** Secrets Manager keeps at most so much. */
const maxValueBytes = 65_536;

/**
 * Writes secrets of 1 to 65,536 bytes: `secretsmanager::<name>[?key=<key ARN>]` gets a new current version, or is created,
 * then under that key. The key of a secret that exists is left as it is. An ARN is never created. The reference that comes
 * back names no version, so that it follows the secret's rotation.
 * @throws SecretError from `seal`: `ERR_SECRET_REFERENCE`, `ERR_SECRET_VALUE` for the size, and what Secrets Manager refuses
 */
export function secretsManagerSealer(options: Omit<SecretsManagerOptions, "via"> = {}): Sealer {
  const send = senderOf(options);
  const scheme = options.scheme ?? "secretsmanager";
  const read = (unsealed: Reference): SecretsManagerTarget => {
    if (unsealed.scheme === scheme) {
      const target = parseTarget(unsealed, options.region);
      if (target.batch !== undefined) return target;
    }
    throw new SecretError("ERR_SECRET_REFERENCE", `what to write is ${scheme}::<name>, without a stage or version.`);
  };
  const write = (
    operation: string,
    { secretId, region = defaultRegion() }: SecretsManagerTarget,
    input: object,
    call: Call,
  ) => send({ service: "secretsmanager", operation, region, input, resource: secretId }, call);
  return {
    scheme,
    async seal(unsealed, plaintext, call) {
      const target = read(unsealed);
      const { secretId, keyArn } = target;
      // One token for both: a request that is sent twice makes one version.
      const version = { ClientRequestToken: randomUUID(), ...memberOf(plaintext) };
      try {
        await write("PutSecretValue", target, { SecretId: secretId, ...version }, call);
      } catch (notPut) {
        if (!mayBeNew(notPut, secretId)) throw notPut;
        const key = keyArn === undefined ? {} : { KmsKeyId: keyArn };
        await write("CreateSecret", target, { Name: secretId, ...version, ...key }, call).catch(
          (notCreated: unknown) => {
            throw causeOf(notCreated) === "ResourceExistsException" ? notPut : notCreated;
          },
        );
      }
      return unsealed;
    },
    permissions: (unsealed, scope) => permitWrites(unsealed.map(read), scope),
  };
}

function memberOf(plaintext: SecretValue): object {
  const bytes = bytesToSeal(plaintext, `Secrets Manager keeps 1 to ${maxValueBytes}`, maxValueBytes);
  if (typeof plaintext === "string") return { SecretString: plaintext };
  return { SecretBinary: Buffer.from(bytes).toString("base64") };
}

// Of a secret that is not there AWS asks permission on its mere name, which no policy on ARNs gives: so a denial may mean that.
const mayBeNew = (error: unknown, secretId: string): boolean =>
  !secretId.startsWith("arn:") && ["ResourceNotFoundException", "AccessDeniedException"].includes(causeOf(error));

const causeOf = (error: unknown): string => (error as SecretError).cause?.name ?? "";
