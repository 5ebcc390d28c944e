import { test } from "@jest/globals";
import middy from "@middy/core";
import { json, pick } from "@serverless-secrets/core";
import { withFakeSecrets } from "@serverless-secrets/core/testing";
import { expectTypeOf } from "expect-type";
import { z } from "zod";
import { secrets } from "../src/index.ts";
import manifest from "./manifest.json" with { type: "json" };

const reference = manifest.db;
const schema = z.object({ port: z.number(), host: z.string().transform((host) => host.length) });

test("what the handler reads is typed by what `secrets` was given, with no annotation", async () => {
  const handler = middy<{ readonly id: string }>()
    .use(secrets({ db: reference, cfg: json(reference, schema), any: json(reference) }))
    .handler(async (event, context) => {
      expectTypeOf(event.id).toEqualTypeOf<string>();
      expectTypeOf(context.secrets.db).toEqualTypeOf<string>();
      expectTypeOf(context.secrets.cfg).toEqualTypeOf<{ port: number; host: number }>();
      expectTypeOf(context.secrets.any).toEqualTypeOf<unknown>();
      expectTypeOf(context.getRemainingTimeInMillis()).toEqualTypeOf<number>();
      // @ts-expect-error: misspelt
      context.secrets.bd;
      // @ts-expect-error: no secret can be replaced
      context.secrets.db = "x";
    });
  expectTypeOf(handler).toBeFunction();
});

test("a manifest imported as JSON is typed too, without its $schema", () => {
  middy()
    .use(secrets(manifest))
    .use(secrets(pick(manifest, "db"), { contextKey: "vault" }))
    .handler(async (_event, context) => {
      expectTypeOf(context.secrets.token).toEqualTypeOf<string>();
      expectTypeOf(context.vault).toEqualTypeOf<{ readonly db: string }>();
      // @ts-expect-error: a manifest's schema is no secret
      context.secrets.$schema;
      // @ts-expect-error: not picked
      context.vault.token;
    });
  // @ts-expect-error: not in the manifest
  const misspelt = () => pick(manifest, "bd");
  expectTypeOf(misspelt).toBeFunction();
});

test("a bundled handler is called in a test as it is", async () => {
  const handler = middy()
    .use(secrets({ db: reference }))
    .handler(async (_event, context) => context.secrets.db);
  const answer = await withFakeSecrets({ [reference]: "fake" }, () => handler({}, {} as never));
  expectTypeOf(answer).toBeAny(); // As Middy itself types it.
});
