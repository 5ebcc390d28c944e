import { type ContainerAddress, containerAddress } from "./containeraddress.ts";
import { fetchCredentials } from "./containerfetch.ts";
import type { AwsCredentials } from "./credentials.ts";
import { type HostState, hostState, type KeptCredentials } from "./host.ts";

/** So long before they expire, credentials are fetched anew. */
const refreshBeforeMs = 5 * 60 * 1_000;
/** How long a fetch may take in all, with its retries. */
const fetchTimeoutMs = 5_000;
/** A fetch this late was overtaken by a freeze of the container: it is not waited for. */
const overtakenAfterMs = 1_000;

/**
 * The credentials of a container, as Lambda SnapStart, ECS, Fargate and EKS give them.
 *
 * They are kept. From 5 minutes before they expire they are fetched anew, behind the calls that still use the old ones; from
 * then on calls wait.
 * @param expired those that AWS just called expired: they are not given again unless they come again
 * @returns undefined where the environment names no address
 * @throws SecretError as containeraddress.ts and containerfetch.ts
 */
export async function containerCredentials(expired?: AwsCredentials): Promise<AwsCredentials | undefined> {
  const address = containerAddress();
  if (address === undefined) return undefined;
  const host = hostState(address.endpoint);
  if (host.kept?.path !== address.path) host.kept = { path: address.path };
  const { kept } = host;
  if (kept.current?.sessionToken === expired?.sessionToken) kept.current = undefined;
  const { current } = kept;
  const leftMs = current === undefined ? 0 : current.expiresMs - Date.now();
  if (current !== undefined && leftMs > refreshBeforeMs) return current;
  const flight = fly(kept, address, host);
  return current !== undefined && leftMs > 0 ? current : flight;
}

function fly(kept: KeptCredentials, address: ContainerAddress, host: HostState): Promise<AwsCredentials> {
  const nowMs = Date.now();
  if (kept.flight !== undefined && nowMs <= kept.flight.deadlineMs + overtakenAfterMs) return kept.flight.promise;
  const deadlineMs = nowMs + fetchTimeoutMs;
  const promise = fetchCredentials(address, host, deadlineMs)
    .then((fetched) => {
      if (kept.flight === flight) kept.current = fetched;
      return fetched;
    })
    .finally(() => {
      if (kept.flight === flight) kept.flight = undefined;
    });
  // A refresh behind may have nobody who awaits it.
  promise.catch(() => {});
  const flight = { deadlineMs, promise };
  kept.flight = flight;
  return promise;
}
