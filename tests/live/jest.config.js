import root from "../../jest.config.js";

export default {
  ...root,
  rootDir: "../..",
  roots: ["<rootDir>/tests/live"],
  testMatch: ["<rootDir>/tests/live/*.test.ts"],
  testTimeout: 60_000,
  // This folder has no packages of its own; this one has the SDK's clients, of all services.
  modulePaths: ["<rootDir>/packages/aws-client/node_modules"],
};
