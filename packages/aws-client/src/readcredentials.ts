import { type Call, isSecretError, SecretError } from "@serverless-secrets/core";
import { containerCredentials } from "./container.ts";
import type { AwsCredentials, CredentialSource } from "./credentials.ts";
import { environmentCredentials, refuseEnvironment } from "./environment.ts";
import { safeName } from "./name.ts";
import { isTransient } from "./transient.ts";

/**
 * The credentials for one attempt.
 * @param source default: the environment (environment.ts), then the container's endpoint (container.ts), found at this call
 * @param call its signal and its deadline end the wait for a source that does not answer
 * @param expired those that AWS just called expired: what is kept of them is not given again
 * @throws SecretError `ERR_SECRET_ACCESS_DENIED`: there are none, or one holds what no header may. `ERR_SECRET_UNAVAILABLE`:
 *   the call ended first, or the source met a network failure. `ERR_SECRET_PROVIDER`: the source failed otherwise. What is a
 *   SecretError already is rethrown as it is
 */
export async function readCredentials(
  source: CredentialSource | undefined,
  call: Pick<Call, "signal" | "deadlineMs">,
  expired?: AwsCredentials,
): Promise<AwsCredentials> {
  if (typeof source === "function") return check(await ask(source, call));
  if (source !== undefined) return check(source);
  return check(
    environmentCredentials() ?? (await ask(() => containerCredentials(expired), call)) ?? refuseEnvironment(),
  );
}

async function ask<T>(source: () => T | Promise<T>, call: Pick<Call, "signal" | "deadlineMs">): Promise<T> {
  let stop = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      stop = () => reject(new SecretError("ERR_SECRET_UNAVAILABLE", late));
      const leftMs = call.deadlineMs - Date.now();
      if (call.signal.aborted || leftMs <= 0) return stop();
      call.signal.addEventListener("abort", stop);
      // A longer timer overflows to 1 ms.
      timer = setTimeout(stop, Math.min(leftMs, 2 ** 31 - 1));
      Promise.resolve(source()).then(resolve, reject);
    });
  } catch (error) {
    if (isSecretError(error)) throw error;
    const name = safeName(error);
    const code = isTransient(name) ? "ERR_SECRET_UNAVAILABLE" : "ERR_SECRET_PROVIDER";
    throw new SecretError(code, `the function given as credentials failed (${name}).`, { cause: { name } });
  } finally {
    clearTimeout(timer);
    call.signal.removeEventListener("abort", stop);
  }
}

const late =
  "the AWS credentials did not come in time. Check that what gives them can be reached, or raise the call's timeout.";

// They go into headers, where a line break would begin a header of its own. What is refused is not quoted.
function check(credentials: AwsCredentials): AwsCredentials {
  const { accessKeyId, secretAccessKey, sessionToken } = Object(credentials) as Partial<AwsCredentials>;
  const session = sessionToken === undefined ? undefined : fit("session token", sessionToken);
  return {
    accessKeyId: fit("access key id", accessKeyId),
    secretAccessKey: fit("secret access key", secretAccessKey),
    ...(session !== undefined && { sessionToken: session }),
  };
}

function fit(part: string, text: unknown): string {
  if (typeof text === "string" && /^[!-~]+$/.test(text)) return text;
  throw new SecretError(
    "ERR_SECRET_ACCESS_DENIED",
    `the ${part} of the AWS credentials is missing, or holds a space, a line break or another character that cannot be in one. Copy it again.`,
  );
}
