import { SecretError } from "@serverless-secrets/core";
import { checkRegion } from "../region.ts";
import { type AwsClients, type AwsRequest, nameOf } from "../request.ts";
import { describeCredentials, describeThrown } from "../thrown.ts";
import { fromSdk, toSdk } from "./bytes.ts";
import { limit } from "./limit.ts";

/** Makes a client of the SDK for a region. It is called once for each. */
export type SdkClientOf<Method extends string> = (region: string) => { readonly [name in Method]: Send };

// As the SDK's own methods are overloaded: whatever can be called.
type Send = (...args: never) => unknown;

/** Where `sdk` takes its clients from: those of the services that the references in use need. */
export interface SdkOptions {
  /** `(region) => new KMS({ region })`, of `@aws-sdk/client-kms`. */
  readonly kms?: SdkClientOf<"decrypt">;
  /** `(region) => new SecretsManager({ region })`, of `@aws-sdk/client-secrets-manager`. */
  readonly secretsmanager?: SdkClientOf<"getSecretValue">;
  /** `(region) => new SSM({ region })`, of `@aws-sdk/client-ssm`. */
  readonly ssm?: SdkClientOf<"getParameters">;
  /** `(region) => new DynamoDB({ region })`, of `@aws-sdk/client-dynamodb`. */
  readonly dynamodb?: SdkClientOf<"getItem">;
}

/**
 * Calls AWS through the AWS SDK for JavaScript v3, for what the built-in client leaves out: profiles, SSO, web identity,
 * FIPS, dual-stack, proxies, middleware. Configure these where you make the client.
 *
 * The clients are handed over, not imported here: so a bundle holds those that the code names and no other, and builds
 * where the others are not installed.
 * @returns the function that providers take as their `clients`. Input, output and errors are those of the built-in client;
 *   the SDK's own retries apply, and its call is aborted at the call's deadline
 * @throws SecretError nothing at this call. From the function's promise: `ERR_SECRET_PROVIDER` where there is no client of a
 *   service, or one for another region than asked for; `ERR_SECRET_ACCESS_DENIED` where the SDK finds no credentials; else
 *   as the README's error table has it
 */
export function sdk(options: SdkOptions): AwsClients {
  const clients = new Map<string, Client>();
  const clientOf = (request: AwsRequest): Client => {
    const { service, region } = request;
    const id = `${service} ${region}`;
    const client = clients.get(id) ?? (options[service]?.(checkRegion(region)) as Client | undefined);
    if (client === undefined) throw missing(request);
    clients.set(id, client);
    return client;
  };
  return async (request, call) => {
    try {
      const output = await limit(request, call, (signal) => send(clientOf(request), request, signal));
      return fromSdk(output);
    } catch (thrown) {
      throw describeThrown(thrown, request);
    }
  };
}

// What is known of a client of the SDK. A user's stand-in may have methods alone.
type Client = {
  readonly config?: { readonly region?: unknown; readonly credentials?: unknown };
} & { readonly [method: string]: unknown };

async function send(client: Client, request: AwsRequest, abortSignal: AbortSignal): Promise<object> {
  const { service, operation, region } = request;
  const { config } = client;
  const itsRegion: unknown = typeof config?.region === "function" ? await config.region() : undefined;
  // The same name in another region is another secret.
  if (typeof itsRegion === "string" && itsRegion !== region) throw elsewhere(request);
  if (typeof config?.credentials === "function") await findCredentials(config.credentials as Find, request);
  const method = operation.charAt(0).toLowerCase() + operation.slice(1);
  const perform = client[method];
  if (typeof perform !== "function") throw lacking(request, method);
  return perform.call(client, toSdk(service, request.input), { abortSignal });
}

type Find = () => Promise<unknown>;

// The SDK keeps what it finds. Asked for before the call, lest an STS that refuses be taken for the service's refusal.
async function findCredentials(find: Find, request: AwsRequest): Promise<void> {
  try {
    await find();
  } catch (thrown) {
    throw describeCredentials(thrown, request);
  }
}

const misused = (detail: string): SecretError => new SecretError("ERR_SECRET_PROVIDER", detail);

const lead = { kms: "KMS", secretsmanager: "SecretsManager", ssm: "SSM", dynamodb: "DynamoDB" } as const;

const wanted = ({ service }: AwsRequest): string => `sdk({ ${service}: (region) => new ${lead[service]}({ region }) })`;

const missing = (request: AwsRequest): SecretError =>
  misused(`${nameOf(request)}: sdk() was given no client of that service. Write ${wanted(request)}.`);

const elsewhere = (request: AwsRequest): SecretError =>
  misused(
    `${nameOf(request)}: the SDK's client is not for ${request.region}. Write ${wanted(request)}, using the region given.`,
  );

const lacking = (request: AwsRequest, method: string): SecretError =>
  misused(`${nameOf(request)}: the SDK's client has no method ${method}. Write ${wanted(request)}.`);
