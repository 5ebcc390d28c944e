import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, test as jestTest } from "@jest/globals";
import { direct } from "@serverless-secrets/aws-client";
import { createResolver } from "@serverless-secrets/core";
import { seal } from "@serverless-secrets/core/seal";
import { providerConformance, type TestFunction } from "@serverless-secrets/core/testing";
import { type SsmOptions, ssm } from "../src/index.ts";
import { ssmSealer } from "../src/seal.ts";

/** An SSM to hold the provider against: ours, another's, AWS's own. */
export interface SsmBackend {
  readonly region: string;
  /** How the provider under test reaches it. Default: as in a function, by the environment. */
  readonly options?: Pick<SsmOptions, "clients" | "via">;
  /** Makes and changes parameters. Default: as in a function, by the environment. */
  readonly admin?: Admin;
  /** Takes the tests instead of jest's, for an SSM that is known to fail some. */
  readonly test?: TestFunction;
}

/** Asks for an operation, and gives its answer. It rejects if SSM refuses. */
export type Admin = (operation: string, input: object) => Promise<Record<string, unknown>>;

/** What the `ssm` provider promises on any SSM. It deletes the parameters that it makes. */
export function ssmContract(name: string, backend: SsmBackend): void {
  const test: TestFunction = backend.test ?? jestTest;
  const { options = {} } = backend;
  const admin = backend.admin ?? directAdmin(backend.region);
  const sealer = ssmSealer(options.clients === undefined ? {} : { clients: options.clients });
  const run = randomUUID().slice(0, 8);
  const made = new Set<string>();

  const nameOf = (suffix: string): string => {
    const whole = `/serverless-secrets-contract/${run}/${suffix}`;
    made.add(whole);
    return whole;
  };
  const put = async (Name: string, Value: string, Type = "SecureString"): Promise<string> => {
    made.add(Name);
    await admin("PutParameter", { Name, Value, Type, Overwrite: true });
    return Name;
  };
  /** A parameter of three versions, the second of which is labelled. */
  const versions = async (suffix: string): Promise<string> => {
    const Name = nameOf(suffix);
    for (const value of ["first", "second", "third"]) await put(Name, `${value} of ${suffix}`);
    await admin("LabelParameterVersion", { Name, ParameterVersion: 2, Labels: ["blue"] });
    return Name;
  };
  const arnOf = async (Name: string): Promise<string> => {
    const { Parameter } = await admin("GetParameter", { Name });
    return String((Parameter as { ARN: string }).ARN);
  };
  const resolver = () => createResolver({ providers: [ssm(options)] });
  const resolve = (rest: string) => resolver().resolve(`ssm::${rest}`);
  const resolveMany = async (rests: readonly string[]): Promise<readonly (string | undefined)[]> => {
    const secrets = Object.fromEntries(rests.map((rest, i) => [`s${i}`, `ssm::${rest}`]));
    const values = await resolver().resolveAll(secrets);
    return Object.keys(secrets).map((key) => values[key]);
  };

  describe(`ssm on ${name}`, () => {
    // Within, so that it comes before the end of the backend.
    afterAll(async () => {
      const Names = [...made];
      for (let i = 0; i < Names.length; i += 10) await admin("DeleteParameters", { Names: Names.slice(i, i + 10) });
    });

    providerConformance(test, async () => {
      const many = await Promise.all(Array.from({ length: 11 }, (_, i) => put(nameOf(`many-${i}`), `value-${i}`)));
      const plain = await put(`serverless-secrets-contract-${run}-without-a-slash`, "plain name");
      const deep = await put(nameOf("a/b/c/d"), '{"password":"deep"}');
      return {
        provider: ssm(options),
        existing: [
          ...many.map((Name, i) => ({ reference: `ssm::${Name}`, value: `value-${i}` })),
          { reference: `ssm::${plain}`, value: "plain name" },
          { reference: `ssm::${deep}?name=db`, value: '{"password":"deep"}' },
        ],
        missing: `ssm::${nameOf("missing")}`,
        malformed: ["ssm::no such name", "ssm::/a//b", `ssm::${deep}::3blue`, `ssm::${deep}?label=blue`],
      };
    });

    test("a version is read by its number and by its label, the latest by neither", async () => {
      const Name = await versions("versions");
      expect(await resolve(Name)).toBe("third of versions");
      for (const [selector, value] of [
        ["1", "first"],
        ["2", "second"],
        ["3", "third"],
        ["blue", "second"],
      ] as const) {
        expect(await resolve(`${Name}::${selector}`)).toBe(`${value} of versions`);
      }
    });

    test("a label that moved is followed", async () => {
      const Name = await versions("moved");
      await admin("LabelParameterVersion", { Name, ParameterVersion: 3, Labels: ["blue"] });
      expect(await resolve(`${Name}::blue`)).toBe("third of moved");
    });

    test("all versions of one parameter, with others, in whatever order, each come to their own", async () => {
      const [one, two] = [await versions("one"), await versions("two")];
      const wanted = [
        [`${two}::blue`, "second of two"],
        [one, "third of one"],
        [`${one}::1`, "first of one"],
        [two, "third of two"],
        [`${one}::blue`, "second of one"],
        [`${two}::3`, "third of two"],
        [one, "third of one"], // twice
        [`${two}::1`, "first of two"],
      ] as const;
      for (const order of [wanted, [...wanted].reverse()]) {
        expect(await resolveMany(order.map(([rest]) => rest))).toEqual(order.map(([, value]) => value));
      }
    });

    test("a parameter is read by its ARN, alone and beside its name", async () => {
      const Name = await versions("by-arn");
      const arn = await arnOf(Name);
      expect(await resolve(arn)).toBe("third of by-arn");
      expect(await resolveMany([arn, Name])).toEqual(["third of by-arn", "third of by-arn"]);
    });

    test("a version is read by its parameter's ARN too", async () => {
      const Name = await versions("version-by-arn");
      const arn = await arnOf(Name);
      expect(await resolve(`${arn}::1`)).toBe("first of version-by-arn");
      const values = ["second of version-by-arn", "third of version-by-arn", "third of version-by-arn"];
      expect(await resolveMany([`${arn}::blue`, Name, arn])).toEqual(values);
    });

    test("what is missing is told by its name, and the others are served", async () => {
      const Name = await versions("there");
      const { resolve, resolveAll } = resolver();
      const error = await resolveAll({
        there: `ssm::${Name}`,
        missing: `ssm::${nameOf("never-made")}`,
        version: `ssm::${Name}::99`,
        label: `ssm::${Name}::green`,
        case: `ssm::${Name.replace("there", "There")}`,
      }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({
        code: "ERR_SECRET_NOT_FOUND",
        errors: ["missing", "version", "label", "case"].map((secretName) => ({ secretName })),
      });
      expect(await resolve(`ssm::${Name}`)).toBe("third of there");
    });

    for (const type of ["String", "StringList"]) {
      test(`a ${type} is no secret: it is refused, alone and among others, unless it is allowed`, async () => {
        const plain = await put(nameOf(type), "a,b", type);
        const secure = await put(nameOf(`beside-${type}`), "correct horse");
        await expect(resolve(plain)).rejects.toMatchObject({ code: "ERR_SECRET_VALUE" });
        await expect(resolveMany([plain, secure])).rejects.toMatchObject({
          code: "ERR_SECRET_VALUE",
          message: expect.stringContaining("SecureString"),
        });
        const allowing = createResolver({ providers: [ssm({ ...options, allowUnencrypted: true })] });
        expect(await allowing.resolve(`ssm::${plain}`)).toBe("a,b");
        expect(await allowing.resolve(`ssm::${secure}`)).toBe("correct horse");
      });
    }

    test("what was written over stays within reach by its version", async () => {
      const reference = `ssm::${nameOf("written-over")}`;
      for (const value of ["first", "second"]) await seal(sealer, reference, value);
      expect(await resolver().resolve(`${reference}::1`)).toBe("first");
    });

    for (const [what, value] of [
      ["one byte", "x"],
      ["4,096 bytes", "é".repeat(2_048)],
      ["8,192 bytes, in an advanced parameter", "é".repeat(4_096)],
      ["what looks like JSON, HTML or a template", '{"a":"${x}"}</script>\u2028'],
    ] as const) {
      test(`${what}: what is written comes back as it was, new and once more, always a SecureString`, async () => {
        const unsealed = `ssm::${nameOf(what.replace(/\W+/g, "-"))}`;
        expect(await seal(sealer, unsealed, "before")).toBe(unsealed);
        const reference = await seal(sealer, unsealed, value);
        expect(reference).toBe(unsealed);
        expect(await resolver().resolve(reference)).toBe(value);
        const { Parameter } = await admin("GetParameter", { Name: reference.slice(5) });
        expect(Parameter).toMatchObject({ Type: "SecureString", Version: 2 });
      });
    }
  });
}

function directAdmin(region: string): Admin {
  const ask = direct();
  return (operation, input) => {
    const call = { signal: new AbortController().signal, deadlineMs: Date.now() + 10_000, background: false };
    return ask({ service: "ssm", operation, region, input }, call);
  };
}
