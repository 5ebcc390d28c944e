// What a function's bundle weighs: minified, not compressed. Each limit is about 5 % above what it was when last set.
const node = (config) => ({ ...config, platform: "node" });

export default [
  {
    name: "a Middy handler, with @middy/core (examples/middy)",
    path: "examples/middy/handler.ts",
    modifyEsbuildConfig: node,
    brotli: false,
    limit: "92 kB",
  },
  {
    name: "resolve() alone (@serverless-secrets/aws)",
    path: "packages/aws/src/index.ts",
    import: "{ resolve }",
    modifyEsbuildConfig: node,
    brotli: false,
    limit: "85 kB",
  },
  {
    name: "a resolver of kms:: alone (createResolver, provider-kms)",
    path: "bench/fixtures/kms.ts",
    modifyEsbuildConfig: node,
    brotli: false,
    limit: "58.5 kB",
  },
];
