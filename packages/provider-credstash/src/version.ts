import { SecretError } from "@serverless-secrets/core";
import { refused } from "./refused.ts";

/** How long credstash pads a version, so that the highest number sorts last: the digits of a 64-bit integer. */
const paddedLength = 19;

/** A sort key of DynamoDB. */
const maxVersionBytes = 1_024;

/**
 * A version as the table has it. What is shorter than 19 characters is padded with zeros, and so must be digits; what is not
 * stands as it is, as credstash reads it.
 * @returns undefined for a reference without a version
 * @throws SecretError `ERR_SECRET_REFERENCE`
 */
export function parseVersion(payload: string | undefined): string | undefined {
  if (payload === undefined || /^\d{19}$/.test(payload)) return payload;
  if (/^\d{1,18}$/.test(payload)) return payload.padStart(paddedLength, "0");
  if ([...payload].length < paddedLength) {
    throw refused(
      'what follows "::" is no version. Write digits, such as credstash::db::3, or nothing for the highest',
    );
  }
  if (!payload.isWellFormed() || Buffer.byteLength(payload) > maxVersionBytes) {
    throw refused(`its version is over DynamoDB's ${maxVersionBytes} bytes, or no well-formed Unicode`);
  }
  return payload;
}

/** A version without the zeros before it, as one writes it. */
export const shortVersion = (version: string): string =>
  /^\d{19}$/.test(version) ? version.replace(/^0+(?=\d)/, "") : version;

/**
 * The version after the highest, as `credstash put --autoversion` counts.
 * @param highest as the table has it; undefined: there is none, so 1 is next
 * @throws SecretError `ERR_SECRET_VALUE` where it is no number, or the last that sorts right
 */
export function nextVersion(highest: string | undefined): string {
  if (highest !== undefined && !/^\d{1,19}$/.test(highest)) {
    throw new SecretError(
      "ERR_SECRET_VALUE",
      "the highest version of that name is no number, so none comes next. Put the secret under another name.",
    );
  }
  const next = (BigInt(highest ?? 0) + 1n).toString();
  if (next.length <= paddedLength) return next.padStart(paddedLength, "0");
  throw new SecretError(
    "ERR_SECRET_VALUE",
    "the highest version of that name is the last of 19 digits. Put the secret under another name.",
  );
}
