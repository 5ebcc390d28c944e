/** What a request to the extension asks for: one operation of a service, with its input. */
export interface Query {
  readonly service: "secretsmanager" | "ssm";
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Past the cache. The Secrets Manager Agent alone knows it. */
  readonly refreshNow: boolean;
}

/**
 * Reads a path with its query; `undefined` where the path is none, a text where the query is wrong.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-integration-lambda-extensions.html
 */
export function readQuery(url: string): Query | string | undefined {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  const path = pathname.replace(/\/$/, "");
  const refreshNow = searchParams.get("refreshNow") === "true";
  if (path === "/secretsmanager/get") {
    const SecretId = searchParams.get("secretId");
    if (!SecretId) return "secretId is missing";
    const input = { SecretId, ...given({ VersionId: "versionId", VersionStage: "versionStage" }, searchParams) };
    return { service: "secretsmanager", operation: "GetSecretValue", input, refreshNow };
  }
  if (path === "/systemsmanager/parameters/get") {
    const name = searchParams.get("name");
    const { version, label } = given({ version: "version", label: "label" }, searchParams);
    if (!name) return "name is missing";
    if (version !== undefined && label !== undefined) return "version and label cannot be combined";
    const selector = version ?? label;
    const Name = selector === undefined ? name : `${name}:${selector}`;
    const input = { Name, WithDecryption: searchParams.get("withDecryption") === "true" };
    return { service: "ssm", operation: "GetParameter", input, refreshNow };
  }
  return undefined;
}

/** The parameters that are there and not empty, under other names. */
function given<N extends string>(names: Record<N, string>, from: URLSearchParams): Partial<Record<N, string>> {
  const pairs = Object.entries<string>(names).map(([name, parameter]) => [name, from.get(parameter)] as const);
  return Object.fromEntries(pairs.filter(([, value]) => value)) as Partial<Record<N, string>>;
}
