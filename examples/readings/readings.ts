import { bytes, json, resolve, resolveAll, reveal } from "@serverless-secrets/aws";
import { z } from "zod";
import refs from "./secrets.json" with { type: "json" };

const Database = z.object({ host: z.string(), port: z.number(), password: z.string() });

export async function readings() {
  const token = await resolve(refs.token); // text: what a bare reference means
  const password = await resolve(`${refs.database}#/password`); // one member of a JSON document

  const secrets = await resolveAll({
    token: refs.token,
    database: json(refs.database, Database), // parsed, checked and typed by any Standard Schema
    certificate: bytes(refs.certificate), // a Uint8Array, a copy at each reading
  });
  const { database, certificate } = secrets; // destructuring reads; spreading gives {}
  const plain = reveal(secrets); // an ordinary object, which prints like any other

  return { token, password, port: database.port, certificateBytes: certificate.length, names: Object.keys(plain) };
}
