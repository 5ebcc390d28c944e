const members: Readonly<Record<string, readonly string[]>> = {
  GetSecretValue: ["ARN", "CreatedDate", "Name", "SecretBinary", "SecretString", "VersionId", "VersionStages"],
  Parameter: ["ARN", "DataType", "LastModifiedDate", "Name", "Selector", "SourceResult", "Type", "Value", "Version"],
};

/**
 * The body of an answer as the extension writes it, which is not the service's own: it is made by AWS's SDK for Go, so every
 * member is there (`null` where it has no value), dates are texts, and there is a `ResultMetadata`.
 */
export function format(operation: string, result: object): string {
  const { Parameter: parameter } = result as { Parameter?: object };
  if (parameter === undefined) return JSON.stringify({ ...whole(operation, result), ResultMetadata: {} });
  return JSON.stringify({ Parameter: whole("Parameter", parameter), ResultMetadata: {} });
}

function whole(shape: string, result: object): object {
  const values = result as Record<string, unknown>;
  return Object.fromEntries((members[shape] ?? []).map((name) => [name, told(name, values[name])]));
}

function told(name: string, value: unknown): unknown {
  return name.endsWith("Date") ? new Date(Number(value) * 1000).toISOString() : (value ?? null);
}
