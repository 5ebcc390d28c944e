import { SecretError } from "@serverless-secrets/core";
import { regionSuffix } from "./partition.ts";
import { checkRegion } from "./region.ts";
import { sdkInstead } from "./sdkinstead.ts";
import { type Service, services } from "./service.ts";

/** Where a service is reached. */
export interface Endpoint {
  readonly protocol: "https:" | "http:";
  /** The name or address to dial; of IPv6 without brackets. */
  readonly hostname: string;
  /** 1 to 65535. */
  readonly port: number;
  /** The `Host` header, which is signed: with the port where it is not the protocol's own. */
  readonly host: string;
  /** The environment variable that it was read from; left out: the region's public endpoint. */
  readonly variable?: string;
}

/**
 * Where to reach a service of a region: `AWS_ENDPOINT_URL_<SERVICE>`, then `AWS_ENDPOINT_URL` (both ignored where
 * `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is `true`), then `<service>.<region>.<suffix>`. The environment is read at the call.
 * @throws SecretError `ERR_SECRET_REFERENCE`: the region is none. `ERR_SECRET_PROVIDER`: a configured endpoint is not of the
 *   form `https://host[:port]`, or is plain HTTP to another machine; or the environment asks for FIPS or dual-stack
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function findEndpoint(service: Service, region: string): Endpoint {
  checkRegion(region);
  if (!isTrue("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")) {
    for (const variable of [services[service].endpointVariable, "AWS_ENDPOINT_URL"]) {
      const url = process.env[variable];
      if (url) return { ...parseEndpoint(url, variable), variable };
    }
  }
  refuseVariants(service, region);
  const host = `${service}.${region}.${regionSuffix(region)}`;
  return { protocol: "https:", hostname: host, port: 443, host };
}

function parseEndpoint(text: string, variable: string): Endpoint {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // A path or a query would have to be signed, and credentials in a URL end in logs: none of them has a use here.
  const bare = url?.pathname === "/" && !url.search && !url.hash && !url.username && !url.password;
  if (url === undefined || !bare || url.port === "0" || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw misconfigured(`${variable} is no endpoint. Write it as https://host or https://host:port, with no path.`);
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw misconfigured(`${variable} is plain HTTP to another machine, which would show the secret. Write https://.`);
  }
  const hostname = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  return { protocol: url.protocol, hostname, port, host: url.host };
}

/**
 * Whether a host name is this machine's own.
 * @param hostname as `URL` gives it, which normalises the spelling: 127.1 and 0x7f000001 arrive here as 127.0.0.1
 */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

// Quietly calling the ordinary endpoint would break a promise of compliance.
function refuseVariants(service: Service, region: string): void {
  const { endpointVariable } = services[service];
  if (isTrue("AWS_USE_FIPS_ENDPOINT")) {
    const host = `${service}-fips.${region}.${regionSuffix(region)}`;
    throw misconfigured(
      `AWS_USE_FIPS_ENDPOINT is not supported here. Set ${endpointVariable} to the FIPS endpoint, such as https://${host}, or ${sdkInstead}`,
    );
  }
  if (isTrue("AWS_USE_DUALSTACK_ENDPOINT")) {
    throw misconfigured(
      `AWS_USE_DUALSTACK_ENDPOINT is not supported here. Set ${endpointVariable} to the dual-stack endpoint of ${region}, or ${sdkInstead}`,
    );
  }
}

function isTrue(variable: string): boolean {
  return process.env[variable]?.toLowerCase() === "true";
}

function misconfigured(detail: string): SecretError {
  return new SecretError("ERR_SECRET_PROVIDER", detail);
}
