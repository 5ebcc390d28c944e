/**
 * An explicit plain copy of resolved secrets, for code that must spread or enumerate them. From there on they print like
 * anything else.
 * @param secrets what `context.secrets`, `resolveAll` or `load` gave
 */
export function reveal<T extends object>(secrets: T): { -readonly [K in keyof T]: T[K] } {
  const members: object | null = Object.getPrototypeOf(secrets);
  // Only `conceal` freezes a prototype that has none itself: a plain object, as a test may pass, is copied as it is.
  const concealed =
    members !== null &&
    members !== Object.prototype &&
    Object.getPrototypeOf(members) === null &&
    Object.isFrozen(members);
  const names = concealed ? Object.getOwnPropertyNames(members) : Object.keys(secrets);
  return Object.fromEntries(names.map((name) => [name, secrets[name as keyof T]])) as {
    -readonly [K in keyof T]: T[K];
  };
}
