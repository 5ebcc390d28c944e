import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createControl } from "./control.ts";
import { createCredentials } from "./credentials.ts";
import { environmentOf } from "./environment.ts";
import { type LocalExtension, startExtension } from "./extension/start.ts";
import { folderState } from "./folder.ts";
import type { LocalAws, LocalAwsOptions } from "./localaws.ts";
import { makers } from "./makers.ts";
import { createAwsServer } from "./server.ts";
import { memoryState } from "./state.ts";

/**
 * Starts AWS on loopback.
 *
 * @throws Error for an option out of range, a port in use, or a folder that is not private, not readable or in use.
 */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const { port = 0, region = "us-east-1", accountId = "111122223333" } = options;
  if (!/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(region))
    throw new RangeError("region must be a region, such as us-east-1");
  if (!/^\d{12}$/.test(accountId)) throw new RangeError("accountId must be twelve digits");
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new RangeError("port must be a number from 0 to 65535");
  const state = options.folder === undefined ? memoryState() : folderState(options.folder);
  const control = createControl();
  const credentials = createCredentials();
  const server = createAwsServer({ accountId, credentials, state, control });
  try {
    await once(server.listen({ port, host: "127.0.0.1" }), "listening");
  } catch (error) {
    state.close();
    throw error;
  }
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const extensions: LocalExtension[] = [];
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    const closed = (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    stopped ??= Promise.all([closed(), ...extensions.map((extension) => extension.stop())]).then(state.close);
    return stopped;
  };

  return {
    endpoint,
    region,
    accountId,
    credentials: { ...credentials }, // a copy: the SDK writes into the object it is given
    env: environmentOf(endpoint, region, credentials),
    calls: control.calls,
    checks: control.checks,
    ...makers({ accountId, region, state, control }),
    async startExtension(extensionOptions = {}) {
      const inRegion = extensionOptions.region ?? region;
      const parts = { region: inRegion, accountId, token: credentials.sessionToken, state, control };
      const extension = await startExtension(parts, extensionOptions);
      extensions.push(extension);
      return extension;
    },
    clearLog() {
      control.calls.length = 0;
      control.checks.length = 0;
    },
    setLatency(latencyMs) {
      control.latencyMs = latencyMs;
    },
    setClockSkew(skewMs) {
      control.clockSkewMs = skewMs;
    },
    fail: control.fail,
    deny: control.deny,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
