import { type AwsClients, senderOf } from "@serverless-secrets/aws-client";
import { type Call, type Permission, type Reference, type Sealer, SecretError } from "@serverless-secrets/core";
import { bytesToSeal } from "@serverless-secrets/core/seal";
import { closeItem, type DataKey } from "./close.ts";
import type { CredstashOptions } from "./credstash.ts";
import type { CredstashDigest } from "./digest.ts";
import { dataKeyBytes } from "./key.ts";
import { grouped, permitKeys, permitNames, tableArn, underContext } from "./permissions.ts";
import { putNext } from "./put.ts";
import { type CredstashTarget, parseTarget } from "./target.ts";
import { contextOf, kmsRegionOf } from "./unwrap.ts";
import { shortVersion } from "./version.ts";

export type { CredstashDigest } from "./digest.ts";

/** Options of `credstashSealer`. */
export interface CredstashSealerOptions extends CredstashOptions {
  /** The hash of the items' HMAC, where other readers know one alone. Default `SHA256`. */
  readonly digest?: CredstashDigest;
}

/** The key that credstash takes if it is told none. */
const defaultKey = "alias/credstash";

/**
 * Puts secrets as credstash does, readable by it: `credstash::<name>[?table=…][&key=…][&context.…]` gets its next version,
 * and none is ever overwritten. The data key comes from the KMS key `?key=`, else `alias/credstash`. The original reads text
 * alone: bytes that are no UTF-8 only this library gives back.
 *
 * The reference that comes back is pinned to the version that was put.
 * @throws SecretError from `seal`: `ERR_SECRET_REFERENCE`, `ERR_SECRET_VALUE` for the size (some 300,000 bytes), and what
 *   DynamoDB and KMS refuse
 */
export function credstashSealer(options: CredstashSealerOptions = {}): Sealer {
  const send = senderOf(options);
  const { scheme = "credstash", digest = "SHA256" } = options;
  const read = (unsealed: Reference): CredstashTarget => {
    const target = parseTarget(unsealed, options);
    if (unsealed.scheme === scheme && !target.pinned) return target;
    throw new SecretError("ERR_SECRET_REFERENCE", `what to put is ${scheme}::<name>, without a version.`);
  };
  return {
    scheme,
    async seal(unsealed, plaintext, call) {
      const target = read(unsealed);
      const bytes = bytesToSeal(plaintext, "DynamoDB keeps some 300,000");
      const sealed = closeItem(bytes, await generateDataKey(send, target, call), digest);
      return { ...unsealed, payload: shortVersion(await putNext(send, target, sealed, call)) };
    },
    permissions(unsealed, scope) {
      const targets = unsealed.map(read);
      // Query for the number of the next version, GetItem to read back.
      const actions = ["dynamodb:Query", "dynamodb:PutItem", "dynamodb:GetItem"];
      const writes: Permission[] = [...grouped(targets, (target) => tableArn(target, scope))].map(([arn, ofTable]) =>
        permitNames(actions, arn, ofTable),
      );
      const unknown = targets.filter(({ keyArn, name }) => (keyArn ?? scope.keyArn(name)) === undefined);
      const byAlias = grouped(unknown, ({ context, kmsRegion, region = scope.region }) =>
        JSON.stringify([kmsRegion ?? region, context]),
      );
      const defaults = [...byAlias.keys()].map((use): Permission => {
        const [region, context] = JSON.parse(use) as [string, CredstashTarget["context"]];
        // An alias ARN as a resource would grant on the alias, not the key. Whoever may UpdateAlias redirects this grant.
        const resources = [`arn:${scope.partition}:kms:${region}:${scope.accountId}:key/*`];
        return { actions: generate, resources, ...underContext(context, { "kms:RequestAlias": defaultKey }) };
      });
      return [...writes, ...permitKeys(generate, targets, scope), ...defaults];
    },
  };
}

const generate = ["kms:GenerateDataKey"];

async function generateDataKey(send: AwsClients, target: CredstashTarget, call: Call): Promise<DataKey> {
  const KeyId = target.keyArn ?? defaultKey;
  const input = { KeyId, NumberOfBytes: dataKeyBytes, ...contextOf(target.context) };
  const region = kmsRegionOf(target);
  const request = { service: "kms", operation: "GenerateDataKey", region, input, resource: KeyId } as const;
  const { Plaintext, CiphertextBlob } = await send(request, call);
  if (typeof Plaintext !== "string" || typeof CiphertextBlob !== "string") {
    throw new SecretError("ERR_SECRET_UNAVAILABLE", "KMS answered without a data key.");
  }
  return { plain: Buffer.from(Plaintext, "base64"), wrapped: CiphertextBlob };
}
