/** A connection to a database, in place of a driver's. */
export interface Connection {
  query(sql: string): Promise<readonly string[]>;
}

/** What the database takes for its user's password. */
export const user = { password: "first" };

/** Connects, as a driver for PostgreSQL does. */
export async function connect(password: string): Promise<Connection> {
  const check = (): void => {
    if (password !== user.password) throw Object.assign(new Error("password authentication failed"), { code: "28P01" });
  };
  check();
  return {
    async query() {
      check();
      return ["one", "two"];
    },
  };
}
