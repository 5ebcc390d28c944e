import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { createResolver, formatReference } from "@serverless-secrets/core";
import { credstash } from "../src/index.ts";
import { contextText, type Item, memoryTable } from "./table.ts";

/** An item that the original sealed, or a changed one; the fixture's README is in the project's vectors. */
interface Vector {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly digest?: string;
  readonly hmacType: "S" | "B";
  readonly hmac: string;
  readonly contents: string;
  readonly key: string;
  readonly dataKeyPlaintextBase64: string;
  readonly context: Readonly<Record<string, string>>;
  readonly expect: "plaintext" | "integrity error";
  readonly plaintext?: string;
  readonly tampered?: string;
}

const file = new URL("fixtures/credstash.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as readonly Vector[];

const itemOf = ({ name, version, key, contents, hmac, hmacType, digest }: Vector): Item => ({
  name: { S: name },
  version: { S: version },
  key: { S: key },
  contents: { S: contents },
  hmac: { [hmacType]: hmac },
  ...(digest !== undefined && { digest: { S: digest } }),
});

/** As one of a batch, alone, and as the highest version: all three ways to read an item. */
const ways = {
  "by version": (vector: Vector) => [reference(vector, vector.version)],
  "as the highest": (vector: Vector) => [reference(vector)],
  "in a batch": (vector: Vector) => [reference(vector, vector.version), "credstash::other::1?region=us-east-1"],
};

const reference = ({ name, context }: Vector, version?: string): string =>
  formatReference({
    scheme: "credstash",
    ref: name,
    ...(version !== undefined && { payload: version }),
    options: new Map([
      ["region", "us-east-1"],
      ...Object.entries(context).map(([pair, value]): [string, string] => [`context.${pair}`, value]),
    ]),
  });

function read(vector: Vector, way: (vector: Vector) => readonly string[]): Promise<string> {
  const table = memoryTable([itemOf(vector)]);
  table.keys.set(vector.key + contextText(vector.context), vector.dataKeyPlaintextBase64);
  const resolver = createResolver({ providers: [credstash({ clients: table.clients })] });
  const [first, ...others] = way(vector).map((text) => resolver.resolve(text));
  for (const other of others) other.catch(() => undefined); // it is not there
  return first as Promise<string>;
}

describe.each(Object.entries(ways))("what the original sealed, read %s", (_, way) => {
  const sound = vectors.filter((vector) => vector.expect === "plaintext");
  const tampered = vectors.filter((vector) => vector.expect === "integrity error");

  test("all vectors are known", () => {
    expect([sound.length, tampered.length]).toEqual([16, 8]);
  });

  test.each(sound.map((vector) => [vector.id, vector] as const))("%s", async (_id, vector) => {
    expect(await read(vector, way)).toBe(vector.plaintext);
  });

  test.each(tampered.map((vector) => [vector.id, vector] as const))("%s is refused", async (_id, vector) => {
    await expect(read(vector, way)).rejects.toMatchObject({ code: "ERR_SECRET_INTEGRITY" });
  });
});
