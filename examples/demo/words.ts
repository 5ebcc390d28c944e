/** Prints the title of a step. */
export const heading = (title: string): void => console.log(`\n${title}\n${"─".repeat(title.length)}`);

/** Prints lines of text, indented. */
export const say = (...lines: readonly string[]): void => {
  for (const line of lines.join("\n").split("\n")) console.log(line === "" ? "" : `  ${line}`);
};

export const nextSteps = `aws kms create-key --query KeyMetadata.Arn --output text
read -rs SECRET
printf %s "$SECRET" | aws kms encrypt --key-id <key arn> --encryption-context name=webhook \\
  --plaintext fileb:///dev/stdin --query CiphertextBlob --output text

Commit  kms::<key arn>::<what that printed>?name=webhook  and allow the function's role kms:Decrypt on <key arn>:

  export const handler = middy()
    .use(secrets({ webhook: "kms::<key arn>::<what that printed>?name=webhook" }))
    .handler(async (event, context) => sign(context.secrets.webhook));

README.md has the five-minute start, testing a handler, and writing a provider.`;
