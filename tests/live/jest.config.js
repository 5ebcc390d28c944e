import root from "../../jest.config.js";

export default {
  ...root,
  rootDir: "../..",
  roots: ["<rootDir>/tests/live"],
  testMatch: ["<rootDir>/tests/live/*.test.ts"],
  testTimeout: 120_000, // they wait until AWS shows what they change
  maxWorkers: 4, // a service each, for the same reason
  // This folder has no packages of its own; this one has the SDK's clients, of all services.
  modulePaths: ["<rootDir>/packages/aws-client/node_modules"],
};
