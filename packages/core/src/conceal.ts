import { oneLine } from "./error.ts";

/**
 * Makes an object whose members can be read and destructured, and which nothing prints, spreads or serialises.
 *
 * The members are non-enumerable getters on a prototype of its own, itself without a prototype: what looks at own
 * properties sees none, and no inspector looks at the getters of such a prototype. Inspectors show the names alone.
 * @param names the members' names
 * @param values their values, in the same order; a Uint8Array is copied at each reading
 */
export function conceal(names: readonly string[], values: readonly unknown[]): object {
  const members: object = Object.create(null);
  names.forEach((name, index) => {
    const value = values[index];
    const get = value instanceof Uint8Array ? () => new Uint8Array(value) : () => value;
    Object.defineProperty(members, name, { get });
  });
  // Their names are no secret, and "{}" would look as if nothing had come.
  const shown = `Secrets { ${names.map((name) => `${oneLine(name)}: [concealed]`).join(", ")} }`;
  Object.defineProperty(members, Symbol.for("nodejs.util.inspect.custom"), { value: () => shown });
  // Without it, a logger that makes text of anything would throw. A symbol collides with no name.
  Object.defineProperty(members, Symbol.toPrimitive, { value: () => "[secrets]" });
  return Object.freeze(Object.create(Object.freeze(members)));
}
