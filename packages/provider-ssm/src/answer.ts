import { SecretError } from "@serverless-secrets/core";
import type { SsmTarget } from "./target.ts";

/** A parameter as SSM answers it. */
export type Parameter = Readonly<Record<string, unknown>>;

/** Whether a parameter is the one of a target: what was asked for by ARN or with a selector is answered by name and selector. */
export function isOf({ name, selector }: SsmTarget, { Name, ARN, Selector }: Parameter): boolean {
  return (name === Name || name === ARN) && selector === (Selector ?? "");
}

/** The value of a parameter; or why it is not given. */
export function secretOf({ Type, Value }: Parameter, allowUnencrypted: boolean): string | SecretError {
  if (Type !== "SecureString" && !allowUnencrypted) {
    return new SecretError(
      "ERR_SECRET_VALUE",
      "it is a plain parameter, which SSM stores unencrypted. Store it as a SecureString; if it is no secret, read it with ssm({ allowUnencrypted: true }).",
    );
  }
  if (typeof Value === "string") return Value;
  return new SecretError("ERR_SECRET_UNAVAILABLE", "SSM answered without a value.");
}

/** The error of a parameter that SSM does not have, or not in that version. */
export function missing({ selector }: SsmTarget): SecretError {
  const which = selector === "" ? "" : ` with ${/^:\d/.test(selector) ? "version" : "label"} ${selector.slice(1)}`;
  const cure =
    selector === "" ? "Correct the name (case and a leading slash count), or put it." : "Correct it, or put it.";
  return new SecretError(
    "ERR_SECRET_NOT_FOUND",
    `there is no such parameter${which} in this account and region. ${cure}`,
  );
}
