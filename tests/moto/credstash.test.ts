import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { KMS } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { sdk } from "../../packages/aws-client/src/sdk/index.ts";
import { createResolver, parseReference } from "../../packages/core/src/index.ts";
import { seal } from "../../packages/core/src/seal.ts";
import { credstash } from "../../packages/provider-credstash/src/index.ts";
import { type CredstashDigest, credstashSealer } from "../../packages/provider-credstash/src/seal.ts";
import { type Admin, credstashContract } from "../../packages/provider-credstash/test/contract.ts";
import { adminOf, askOf } from "./ask.ts";
import { butFor } from "./but-for.ts";
import { credstashDifferences } from "./credstash.differences.ts";
import { leadTo, startMoto } from "./moto.ts";
import { startOriginal } from "./original.ts";

const moto = await startMoto();
leadTo(moto);
afterAll(() => moto.stop());

const { region } = moto;
const admin: Admin = (service, operation, input) => adminOf(askOf(moto, service))(operation, input);
const paths = {
  moto: {},
  "moto, through the SDK": {
    clients: sdk({ kms: (where) => new KMS({ region: where }), dynamodb: (where) => new DynamoDB({ region: where }) }),
  },
};
for (const [name, path] of Object.entries(paths)) {
  butFor(credstashDifferences, (only) => credstashContract(name, { region, admin, test: only, ...path }));
}

describe("with the original credstash 1.17.1", () => {
  const original = startOriginal({
    AWS_ENDPOINT_URL: moto.url,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: "moto",
    AWS_SECRET_ACCESS_KEY: "moto",
  });
  afterAll(() => original.stop());

  beforeAll(async () => {
    await original.setup();
    const { KeyMetadata } = await admin("kms", "CreateKey", {});
    const { KeyId } = KeyMetadata as { KeyId: string };
    await admin("kms", "CreateAlias", { AliasName: "alias/credstash", TargetKeyId: KeyId });
  });

  const read = (reference: string) => createResolver({ providers: [credstash()] }).resolve(reference);
  const put = (reference: string, value: string, digest: CredstashDigest = "SHA256") =>
    seal(credstashSealer({ digest }), reference, value);

  const digests = ["SHA", "SHA224", "SHA256", "SHA384", "SHA512", "MD5"] as const;
  const contexts = { none: {}, one: { env: "prod" }, two: { env: "prod", "app.name": "shöp & co" } };
  const values = {
    text: "correct horse",
    unicode: "pässwörd-☃-日本語-🔐-Ω≈ç√-\u202eрус\u202c-\0-\t\r\n-end",
    "3,000 characters": "ab🔐".repeat(750),
    empty: "",
  };
  const cases = digests.flatMap((digest) =>
    Object.entries(contexts).flatMap(([contextName, context]) =>
      Object.entries(values).map(([valueName, value]) => ({ digest, contextName, context, valueName, value })),
    ),
  );
  const optionsOf = (context: object): string => {
    const pairs = Object.entries(context).map(([name, value]) => `context.${name}=${encodeURIComponent(value)}`);
    return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
  };

  test.each(cases)("it puts, we resolve: $digest, context $contextName, $valueName", async (one) => {
    const { digest, contextName, context, valueName, value } = one;
    const name = `its/${digest}.${contextName}.${valueName}`;
    await original.put(name, value, { version: "1", digest, context });
    for (const version of ["", "::1"]) {
      expect(await read(`credstash::${name}${version}${optionsOf(context)}`)).toBe(value);
    }
  });

  // But for an empty secret, which ours does not seal: it is a variable that was not set.
  const sealable = cases.filter(({ value }) => value !== "");
  test.each(sealable)("we seal, it gets: $digest, context $contextName, $valueName", async (one) => {
    const { digest, contextName, context, valueName, value } = one;
    const name = `ours/${digest}.${contextName}.${valueName}`;
    const reference = await put(`credstash::${name}${optionsOf(context)}`, value, digest);
    expect(parseReference(reference)).toMatchObject({ ref: name, payload: "1" });
    expect(await original.get(name, { context })).toBe(value);
    expect(await original.get(name, { context, version: "1" })).toBe(value);
  });

  test("versions go on from its to ours and back, and all stay", async () => {
    await original.put("mixed", "its 1", { autoversion: true });
    expect(await put("credstash::mixed", "our 2")).toBe("credstash::mixed::2");
    await original.put("mixed", "its 3", { autoversion: true });
    for (let version = 4; version <= 9; version += 1) await put("credstash::mixed", `our ${version}`);
    await original.put("mixed", "its 10", { autoversion: true });
    expect(await put("credstash::mixed", "our 11")).toBe("credstash::mixed::11");
    expect([await original.get("mixed"), await read("credstash::mixed")]).toEqual(["our 11", "our 11"]);
    const one = createResolver({ providers: [credstash()] });
    const all = await Promise.all(Array.from({ length: 11 }, (_, i) => one.resolve(`credstash::mixed::${i + 1}`)));
    const expected = ["its 1", "our 2", "its 3", ...[4, 5, 6, 7, 8, 9].map((i) => `our ${i}`), "its 10", "our 11"];
    expect(all).toEqual(expected);
    for (const [i, value] of expected.entries())
      expect(await original.get("mixed", { version: `${i + 1}` })).toBe(value);
  });

  test("its command puts and gets, unpadded and padded, and does not overwrite ours", async () => {
    await put("credstash::commanded", "ours");
    expect(await original.command("get", "-n", "commanded")).toBe("ours");
    await expect(original.command("put", "commanded", "other", "-v", "1")).rejects.toThrow(
      "ConditionalCheckFailedException",
    );
    await original.command("put", "-a", "commanded", "its own", "env=prod");
    expect(await read("credstash::commanded::2?context.env=prod")).toBe("its own");
    expect(await original.command("list")).toMatch(/^commanded +-- version 0{18}2 /m);
  });

  test("its other table, and a version of its own making, are read", async () => {
    await original.command("-t", "other-store", "setup");
    await original.command("-t", "other-store", "put", "db", "correct horse", "-v", "v2026-11-21T00:00:00");
    expect(await read("credstash::db?table=other-store")).toBe("correct horse");
    expect(await read("credstash::db::v2026-11-21T00:00:00?table=other-store")).toBe("correct horse");
  });

  test("under another context neither opens the other's", async () => {
    await original.put("bound", "x", { version: "1", context: { env: "prod" } });
    await expect(read("credstash::bound?context.env=dev")).rejects.toMatchObject({ code: "ERR_SECRET_INTEGRITY" });
    await expect(read("credstash::bound")).rejects.toMatchObject({ code: "ERR_SECRET_INTEGRITY" });
    await put("credstash::bound?context.env=prod", "y");
    await expect(original.get("bound", { context: { env: "dev" } })).rejects.toThrow("KmsError");
  });

  test("an item that was changed opens for neither", async () => {
    await put("credstash::changed", "correct horse");
    const Key = { name: { S: "changed" }, version: { S: "0000000000000000001" } };
    const { Item } = await admin("dynamodb", "GetItem", { TableName: "credential-store", Key });
    const contents = { S: Buffer.from("other words!!").toString("base64") };
    await admin("dynamodb", "PutItem", { TableName: "credential-store", Item: { ...(Item as object), contents } });
    await expect(original.get("changed")).rejects.toThrow("IntegrityError");
    await expect(read("credstash::changed")).rejects.toMatchObject({ code: "ERR_SECRET_INTEGRITY" });
  });
});
