import type { AwsClients } from "@serverless-secrets/aws-client";
import { type Call, isSecretError, SecretError, type SecretValue } from "@serverless-secrets/core";
import { getItems, nameAndVersion } from "./batchget.ts";
import { readItem } from "./item.ts";
import { limited } from "./limited.ts";
import { open } from "./open.ts";
import { missing } from "./read.ts";
import type { CredstashTarget } from "./target.ts";
import { unwrap, type Wrapped } from "./unwrap.ts";

/** How many items one BatchGetItem takes. */
export const maxBatchSize = 100;

/** How many Decrypts of a batch are under way at once: each new connection costs a handshake, dear in a small function. */
const maxDecryptsAtOnce = 16;

/**
 * Fetches pinned versions of one table: all items by one request, then their data keys, each distinct one by one Decrypt.
 * @returns a value or an error of its own for each
 * @throws SecretError where BatchGetItem is refused as a whole
 */
export async function fetchBatch(
  send: AwsClients,
  targets: readonly CredstashTarget[],
  call: Call,
): Promise<ReadonlyMap<string, SecretValue | SecretError>> {
  const items = await getItems(send, targets, call);
  const turn = limited(maxDecryptsAtOnce);
  const unwrapped = new Map<string, Promise<Uint8Array>>();
  // Copies of an item share its data key.
  const unwrapOnce = ({ region, kmsRegion, keyArn, context, wrappedKey }: Wrapped): Promise<Uint8Array> => {
    const id = JSON.stringify([kmsRegion, keyArn, context, wrappedKey]);
    const wrapped = { region, kmsRegion, keyArn, context, wrappedKey };
    const flight = unwrapped.get(id) ?? turn(() => unwrap(send, wrapped, call));
    unwrapped.set(id, flight);
    return flight;
  };
  const found = await Promise.all(
    targets.map(async (target): Promise<[string, SecretValue | SecretError]> => {
      const item = items.get(nameAndVersion(target)) ?? missing(target);
      if (isSecretError(item)) return [target.id, item];
      try {
        const sealed = readItem(item);
        const dataKey = await unwrapOnce({ ...target, wrappedKey: sealed.wrappedKey });
        return [target.id, open(sealed, dataKey)];
      } catch (error) {
        // Its own alone: the others keep their values.
        return [target.id, isSecretError(error) ? error : broken()];
      }
    }),
  );
  return new Map(found);
}

const broken = (): SecretError => new SecretError("ERR_SECRET_PROVIDER", "what opens the item failed unexpectedly.");
