import { KMSClient, type KMSClientConfig } from "@aws-sdk/client-kms";
import { SecretsManagerClient, type SecretsManagerClientConfig } from "@aws-sdk/client-secrets-manager";
import { SSMClient, type SSMClientConfig } from "@aws-sdk/client-ssm";
import type { LocalAws } from "../src/index.ts";

/** AWS's own SDK as the client: what it can read and sign is what AWS speaks. */
export function client(aws: LocalAws, config: KMSClientConfig = {}): KMSClient {
  const { endpoint, region, credentials } = aws;
  return new KMSClient({ endpoint, region, credentials, maxAttempts: 1, ...config });
}

/** The same for Secrets Manager. */
export function secretsClient(aws: LocalAws, config: SecretsManagerClientConfig = {}): SecretsManagerClient {
  const { endpoint, region, credentials } = aws;
  return new SecretsManagerClient({ endpoint, region, credentials, maxAttempts: 1, ...config });
}

/** The same for SSM. */
export function ssmClient(aws: LocalAws, config: SSMClientConfig = {}): SSMClient {
  const { endpoint, region, credentials } = aws;
  return new SSMClient({ endpoint, region, credentials, maxAttempts: 1, ...config });
}

/** What to put into a request before the SDK signs it. */
export interface Wire {
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request whose body and headers the SDK would not make, signed by the SDK. */
export function altered(aws: LocalAws, wire: Wire, config: KMSClientConfig = {}): KMSClient {
  const made = client(aws, config);
  made.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { body: unknown; headers: Record<string, string> };
      if (wire.body !== undefined) request.body = wire.body;
      Object.assign(request.headers, wire.headers);
      return next(args);
    },
    { step: "build", priority: "high" },
  );
  return made;
}

/** How a call was refused. */
export interface Refused {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
}

/** What a call was refused with. Fails where it was not. */
export async function refusal(call: Promise<unknown>): Promise<Refused> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { name, message, status: $metadata?.httpStatusCode };
  }
  throw new Error("The call was not refused");
}
