import type { IncomingMessage } from "node:http";

const loopback = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;

/** Why a request is refused before anything of it is read. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/**
 * Keeps web pages out: a page can make a browser call loopback, under its own Origin or, with DNS rebinding, its own Host.
 */
export function guard(request: IncomingMessage): Refusal | undefined {
  const refusal = guardHost(request);
  if (refusal !== undefined) return refusal;
  if (request.url !== "/") return { status: 404, message: "Local AWS knows the path / alone, without a query." };
  if (request.method !== "POST") return { status: 405, message: "Local AWS knows the method POST alone." };
  return undefined;
}

/** The same, whatever path and method are known. */
export function guardHost(request: IncomingMessage): Refusal | undefined {
  if (request.headers.origin !== undefined) {
    return { status: 403, message: "Local AWS takes no request with an Origin header: it is not for browsers." };
  }
  if (!loopback.test(request.headers.host ?? "")) {
    return {
      status: 403,
      message: "Local AWS takes no request whose Host is not loopback (127.0.0.1, localhost, [::1]).",
    };
  }
  return undefined;
}
