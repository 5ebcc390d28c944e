import type { ServerResponse } from "node:http";
import { awsError } from "./error.ts";
import { firstPage } from "./page.ts";

/** What goes wrong with calls whose signature was in order. */
export type Fault = Scope &
  (
    | /** AWS refuses. `status` defaults to 400; `headers` such as `{ "retry-after": "2" }`. */ {
        readonly kind: "error";
        readonly name: string;
        readonly message?: string;
        readonly status?: number;
        readonly headers?: Readonly<Record<string, string>>;
      }
    | /** `ThrottlingException`, "Rate exceeded". */ { readonly kind: "throttle" }
    | /** No answer: the socket stays open until the client gives up or the server stops. */ { readonly kind: "hang" }
    | /** The connection is reset. */ { readonly kind: "reset" }
    | /** Half of the answer that its length promises, then the connection ends. */ { readonly kind: "truncate" }
    | /** Bytes that are not HTTP. */ { readonly kind: "garbage" }
    | /** HTTP 200, HTML. */ { readonly kind: "notJson" }
    | /** HTTP 200, JSON of `sizeBytes` (default 64 MiB). */ { readonly kind: "huge"; readonly sizeBytes?: number }
    | /** HTTP 307. */ { readonly kind: "redirect"; readonly location: string }
    | /** HTTP 200 and this JSON, instead of what the operation would answer. */ {
        readonly kind: "answer";
        readonly body: object;
      }
    | /** HTTP 200 and a page of a list with nothing on it, though more follow: AWS's lists may do that. */ {
        readonly kind: "emptyPage";
      }
  );

interface Scope {
  /** Such as `Decrypt`. Default: every operation. */
  readonly operation?: string;
  /** How many calls it strikes, 1 or more. Default: all, until it is ended. */
  readonly times?: number;
}

/** Answers (or fails to) as a fault says. What is AWS's own refusal is thrown, as an operation throws it. */
export function strike(fault: Fault, operation: string, response: ServerResponse): void {
  const type = { "content-type": "application/x-amz-json-1.1" };
  switch (fault.kind) {
    case "error":
      for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value);
      throw awsError(fault.name, fault.message, fault.status);
    case "throttle":
      throw awsError("ThrottlingException", "Rate exceeded");
    case "hang":
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "truncate":
      response.writeHead(200, { ...type, "content-length": 64 });
      response.write('{"KeyId":"', () => response.socket?.destroy());
      return;
    case "garbage":
      response.socket?.end("This is not HTTP.\r\n\r\n");
      return;
    case "notJson":
      response.writeHead(200, { "content-type": "text/html" }).end("<html><body>It works!</body></html>");
      return;
    case "huge":
      response.writeHead(200, type);
      pour(response, fault.sizeBytes ?? 64 * 1024 * 1024);
      return;
    case "redirect":
      response.writeHead(307, { location: fault.location }).end();
      return;
    case "answer":
      response.writeHead(200, type).end(JSON.stringify(fault.body));
      return;
    case "emptyPage":
      response.writeHead(200, type).end(JSON.stringify({ ...lists[operation], NextToken: firstPage }));
  }
}

/** The lists that operations answer with, where nothing is on them. */
const lists: Readonly<Record<string, object>> = {
  BatchGetSecretValue: { SecretValues: [], Errors: [] },
  GetParametersByPath: { Parameters: [] },
  ListSecrets: { SecretList: [] },
  DescribeParameters: { Parameters: [] },
};

/** Writes one JSON string of so many bytes, no faster than it is read. */
function pour(response: ServerResponse, sizeBytes: number): void {
  const chunk = Buffer.alloc(64 * 1024, "x");
  let left = Math.max(0, sizeBytes - 2);
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      const part = chunk.subarray(0, Math.min(left, chunk.length));
      left -= part.length;
      if (!response.write(part)) {
        response.once("drain", more);
        return;
      }
    }
    if (!response.destroyed) response.end('"');
  };
  response.write('"');
  more();
}
