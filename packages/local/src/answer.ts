import type { ServerResponse } from "node:http";
import type { AwsError } from "./error.ts";

/**
 * The body of a refusal. AWS's JSON services call the text `message`, but `Message` where the denial comes from IAM; so does
 * this server, since a client must read either.
 */
export function errorBody(error: AwsError): object {
  if (error.message === "") return { __type: error.name };
  const member = error.name === "AccessDeniedException" ? "Message" : "message";
  return { __type: error.name, [member]: error.message };
}

/** Sends an answer; `undefined` sends an empty one. */
export function answer(response: ServerResponse, status: number, contentType: string, body: object | undefined): void {
  const text = body === undefined ? "" : JSON.stringify(body);
  response.writeHead(status, { "content-type": contentType, "content-length": Buffer.byteLength(text) });
  response.end(text);
}
