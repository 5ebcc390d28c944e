export default {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.ts$": "<rootDir>/jest.transform.cjs" },
  testMatch: [
    "<rootDir>/packages/*/test/**/*.test.ts",
    "<rootDir>/examples/**/*.test.ts",
    "<rootDir>/tests/docs/*.test.ts",
  ],
  modulePathIgnorePatterns: ["<rootDir>/packages/.*/dist/", "<rootDir>/.pack/"],
};
