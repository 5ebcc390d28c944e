import { awsError } from "../error.ts";

/** Reads a list of tags. @throws AwsError `InvalidParameterException`, `LimitExceededException`. */
export function readTags(list: readonly Readonly<Record<string, unknown>>[] | undefined): Record<string, string> {
  const tags = new Map<string, string>();
  for (const { Key: name, Value: value } of list ?? []) {
    if (typeof name !== "string" || typeof value !== "string" || !/^.{1,128}$/s.test(name) || value.length > 256) {
      throw awsError("InvalidParameterException", "A tag needs a Key of 1-128 characters and a Value of 0-256");
    }
    if (name.startsWith("aws:"))
      throw awsError("InvalidParameterException", "aws: prefixed tag key names are not allowed");
    if (tags.has(name)) throw awsError("InvalidParameterException", "Duplicate tag keys");
    tags.set(name, value);
  }
  if (tags.size > 50) throw awsError("LimitExceededException", "Too many tags");
  return Object.fromEntries(tags);
}
