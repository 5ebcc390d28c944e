// Node's own type stripping: what runs under test is what `node file.ts` would run. "strip" keeps every line and column.
const { stripTypeScriptTypes } = require("node:module");

module.exports = { process: (source) => ({ code: stripTypeScriptTypes(source, { mode: "strip" }) }) };
