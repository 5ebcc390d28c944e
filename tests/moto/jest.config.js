import root from "../../jest.config.js";

export default {
  ...root,
  rootDir: "../..",
  roots: ["<rootDir>/tests/moto"],
  testMatch: ["<rootDir>/tests/moto/*.test.ts"],
  testTimeout: 20_000, // moto makes an RSA key for every key
  modulePathIgnorePatterns: [...root.modulePathIgnorePatterns, "<rootDir>/tests/moto/.venv/"],
  // This folder has no packages of its own; this one has the SDK's clients, of all services.
  modulePaths: ["<rootDir>/packages/aws-client/node_modules"],
};
