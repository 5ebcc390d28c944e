import type { IncomingMessage } from "node:http";
import { awsError } from "./error.ts";

const maxBodyBytes = 1024 * 1024;

/** Reads a body of up to 1 MiB. @throws AwsError `RequestEntityTooLargeException` (413) over the cap. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Left open when it is cut short: the refusal still has to go out on this socket.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw awsError("RequestEntityTooLargeException", "Request is too large", 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads a JSON object. @throws AwsError `SerializationException`. An empty body is no object, for AWS too. */
export function parseBody(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // V8's message would quote the body
  }
  throw awsError("SerializationException", "The request is not a JSON object in UTF-8");
}
