import { describe, expect, test } from "@jest/globals";
import type { AwsRequest, Service } from "../src/index.ts";
import { describeRefusal } from "../src/refusal.ts";
import { rules } from "../src/rules.ts";
import { errorShapes } from "./error-shapes.ts";
import { models, shapesOf } from "./models.ts";

const services = Object.keys(models) as Service[];
const on = (service: Service): AwsRequest => ({ service, operation: "Ask", region: "us-east-1", input: {} });

describe.each(services)("of %s", (service) => {
  test("every error shape of the model stands in the table, and no other", () => {
    const shapes = shapesOf(service).map(({ name }) => name);
    expect(shapes.length).toBeGreaterThan(10);
    expect(Object.keys(errorShapes[service]).sort()).toEqual(shapes.sort());
  });

  test("each gets the code that the table has", () => {
    const codes = shapesOf(service).map(({ name, status }) => {
      const { code } = describeRefusal({ name, status, message: "" }, on(service));
      return [name, code.replace("ERR_SECRET_", "")];
    });
    expect(Object.fromEntries(codes)).toEqual(errorShapes[service]);
  });
});

test("what any service may answer gets the code that the table has, from each", () => {
  for (const [name, code] of Object.entries(errorShapes.common)) {
    for (const service of services) {
      // A name that a model has too is judged there.
      if (errorShapes[service][name] !== undefined) continue;
      expect([name, describeRefusal({ name, status: 400, message: "" }, on(service)).code]).toEqual([
        name,
        `ERR_SECRET_${code}`,
      ]);
    }
  }
});

test("no rule is for an error that does not exist", () => {
  const known = new Set(Object.values(errorShapes).flatMap((shapes) => Object.keys(shapes)));
  const unknown = rules.flatMap(({ names }) => names).filter((name) => !known.has(name));
  // The SDKs' own name of a timeout.
  expect(unknown).toEqual(["TimeoutError"]);
});

test("every refusal that is no fault of AWS's says what to do about it", () => {
  expect(rules.filter(({ cure, denial }) => cure === undefined && denial !== true)).toEqual([]);
});
