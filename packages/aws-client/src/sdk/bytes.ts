import type { Service } from "../service.ts";

/** The members of inputs that hold bytes, as base64 text in JSON and as a `Uint8Array` in the SDK. A test compares these with
 * the SDK's own schemas. */
export const blobs: Readonly<Record<Service, ReadonlySet<string>>> = {
  kms: new Set(["CiphertextBlob", "Plaintext"]),
  secretsmanager: new Set(["SecretBinary"]),
  ssm: new Set<string>(),
  // Of an attribute value, wherever it stands. An attribute of that name has an object as its value, so it is no text.
  dynamodb: new Set(["B", "BS"]),
};

/** An input as the SDK takes it: base64 text becomes bytes where the service expects them. */
export function toSdk(service: Service, input: object): object {
  return walk(input, (name, value) => {
    if (typeof value !== "string" || name === undefined || !blobs[service].has(name)) return undefined;
    return Buffer.from(value, "base64");
  }) as object;
}

/** The SDK's output as the JSON of AWS's answer: bytes as base64 text, times in s since the epoch. */
export function fromSdk(output: object): Record<string, unknown> {
  const { $metadata: _, ...members } = Object(output) as Record<string, unknown>;
  return walk(members, (_, value) => {
    if (value instanceof Uint8Array)
      return Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64");
    return value instanceof Date ? value.getTime() / 1_000 : undefined;
  }) as Record<string, unknown>;
}

// A copy, with what `change` gives in place of the values that it knows. An array's elements go by the name of the array.
function walk(value: unknown, change: (name: string | undefined, value: unknown) => unknown, name?: string): unknown {
  const changed = change(name, value);
  if (changed !== undefined) return changed;
  if (Array.isArray(value)) return value.map((element) => walk(element, change, name));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([key, member]) => [key, walk(member, change, key)]));
}
