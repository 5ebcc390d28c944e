import { awsError } from "../error.ts";

/**
 * Reads a list of tags.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_Tag.html
 *
 * @throws AwsError `TagException`, `ValidationException`.
 */
export function readTags(list: readonly Readonly<Record<string, unknown>>[] | undefined): Record<string, string> {
  const tags = new Map<string, string>();
  for (const { TagKey: name, TagValue: value } of list ?? []) {
    if (typeof name !== "string" || typeof value !== "string" || !/^.{1,128}$/s.test(name) || value.length > 256) {
      throw awsError("ValidationException", "A tag needs a TagKey of 1-128 characters and a TagValue of 0-256");
    }
    if (name.startsWith("aws:")) throw awsError("TagException", "User can't use the prefix aws: in a tag key");
    if (tags.has(name)) throw awsError("TagException", "Duplicate tag keys");
    tags.set(name, value);
  }
  if (tags.size > 50) throw awsError("TagException", "Too many tags");
  return Object.fromEntries(tags);
}
