import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

// The contract tests on a real account: `pnpm live`. They cost a few cents: the KMS keys that they make are scheduled for
// deletion, in 7 days, when they end. Needed on `*`, in a role for this alone: kms:CreateKey, TagResource, CreateAlias,
// DeleteAlias, DisableKey, ScheduleKeyDeletion, Encrypt, Decrypt, GenerateDataKey.

const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_KMS } = process.env;

if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
  console.log("live: not run (no AWS credentials in the environment)");
} else {
  const elsewhere = AWS_ENDPOINT_URL_KMS || AWS_ENDPOINT_URL;
  if (elsewhere) console.log("live: an AWS_ENDPOINT_URL is set, so this is not AWS that is tested");
  const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
  const jest = spawn(
    process.execPath,
    [
      "--experimental-vm-modules",
      "--disable-warning=ExperimentalWarning",
      path("../../node_modules/jest/bin/jest.js"),
      `--config=${path("jest.config.js")}`,
      ...process.argv.slice(2),
    ],
    { stdio: "inherit" },
  );
  jest.on("exit", (code) => {
    process.exitCode = code ?? 1;
  });
}
