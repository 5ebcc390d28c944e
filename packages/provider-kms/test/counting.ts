import { type AwsClients, direct } from "@serverless-secrets/aws-client";
import type { KmsOptions } from "../src/index.ts";

/** The same options, and which operations were asked for by them. */
export function counting(given: KmsOptions = {}): { readonly options: KmsOptions; operations(): readonly string[] } {
  const asked: string[] = [];
  const { client, clients = direct() } = given;
  if (client !== undefined) {
    const decrypt: typeof client.decrypt = (...input) => {
      asked.push("Decrypt");
      return client.decrypt(...input);
    };
    return { options: { ...given, client: { decrypt } }, operations: () => asked };
  }
  const counted: AwsClients = (request, call) => {
    asked.push(request.operation);
    return clients(request, call);
  };
  return { options: { ...given, clients: counted }, operations: () => asked };
}
