import type { Permission } from "@serverless-secrets/core";
import type { Service } from "./service.ts";

/**
 * A text as a policy means it literally: `$`, `*` and `?` would be a variable or a wildcard.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function policyLiteral(text: string): string {
  return text.replace(/[$*?]/g, (character) => `\${${character}}`);
}

/** What a store decrypts on behalf of its caller. */
export interface DecryptVia {
  readonly service: Service;
  readonly region: string;
  /** The KMS key's ARN. */
  readonly keyArn: string;
  /** The pair of the encryption context under which the store encrypts, e.g. `PARAMETER_ARN`. */
  readonly contextName: string;
  /** Values of that pair: ARNs, in which `?` may stand for a character that is not known. */
  readonly contextValues: readonly string[];
}

/**
 * The statement that lets a store decrypt with a customer's key for the caller, and the caller do nothing else with it.
 * With an AWS-managed key of the same account none is needed.
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
export function permitDecryptVia({ service, region, keyArn, contextName, contextValues }: DecryptVia): Permission {
  const context = { [`kms:EncryptionContext:${contextName}`]: only(contextValues) };
  const via = { "kms:ViaService": `${service}.${region}.amazonaws.com` };
  const isPattern = contextValues.some((value) => value.includes("?"));
  return {
    actions: ["kms:Decrypt"],
    resources: [keyArn],
    conditions: isPattern ? { StringEquals: via, StringLike: context } : { StringEquals: { ...via, ...context } },
  };
}

const only = (values: readonly string[]): string | readonly string[] =>
  values.length === 1 ? (values[0] as string) : values;
