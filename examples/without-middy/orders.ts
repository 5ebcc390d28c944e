import { rotating } from "@serverless-secrets/aws";
import { type Connection, connect } from "./database.ts";

/** Runs with the database's password; when the database refuses it, again with a fresh one. */
const withPassword = rotating(
  { password: "secretsmanager::prod/shop/db#/password" },
  { isAuthenticationError: (error) => (error as { code?: string }).code === "28P01" }, // PostgreSQL's invalid_password
);

let connection: Connection | undefined;

/** The orders, also across a rotation of the password. */
export function orders(): Promise<readonly string[]> {
  return withPassword(async ({ password }) => {
    try {
      connection ??= await connect(password);
      return await connection.query("select name from orders");
    } catch (error) {
      connection = undefined; // it may have been made with the old password
      throw error;
    }
  });
}
