import type { Permission } from "@serverless-secrets/core";
import type { LocalCheck } from "@serverless-secrets/local";

/**
 * Whether a role with these statements alone is granted what IAM is asked: the part of its logic that they use.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function grants(
  permissions: readonly Permission[],
  { action, resource, context }: Pick<LocalCheck, "action" | "resource" | "context">,
): boolean {
  return permissions.some(
    ({ actions, resources, conditions = {} }) =>
      actions.includes(action) &&
      resources.some((allowed) => matches(allowed, resource)) &&
      Object.entries(conditions).every(([operator, keys]) =>
        Object.entries(keys).every(([key, wanted]) => holds(operator, context[key], wanted)),
      ),
  );
}

type Values = string | readonly string[];

function holds(operator: string, asked: Values | undefined, wanted: Values): boolean {
  const given = asked === undefined ? [] : [asked].flat();
  const allowed = [wanted].flat().map((text) => text.replace(/\$\{([$*?])\}/g, "$1"));
  if (operator === "Null") return (asked === undefined) === (wanted === "true");
  if (operator === "ForAllValues:StringEquals") return given.every((one) => allowed.includes(one));
  if (operator === "StringEquals") return given.length === 1 && allowed.includes(given[0] as string);
  throw new Error(`an operator that this does not know: ${operator}`);
}

const matches = (pattern: string, text: string): boolean =>
  pattern.endsWith("*") ? text.startsWith(pattern.slice(0, -1)) : pattern === text;
