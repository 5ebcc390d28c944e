import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { containerAddress } from "../src/containeraddress.ts";
import { direct } from "../src/index.ts";
import { readCredentials } from "../src/readcredentials.ts";
import { callFor } from "./call.ts";
import { pass, startMs, stopClock } from "./clock.ts";
import { withEnv } from "./env.ts";
import { type Loopback, startLoopback } from "./loopback.ts";

// Only servers on loopback are asked here. Of link-local addresses nothing but the request is looked at.

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  jest.useRealTimers();
  jest.restoreAllMocks();
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

type Listener = Parameters<typeof startLoopback>[0];
const serve = async (listener: Listener): Promise<Loopback> => {
  const server = await startLoopback(listener);
  cleanUps.push(server.stop);
  return server;
};
/** Gives new credentials at each request, which end so long after the request. */
const giving = (lifeMs: number): Listener => {
  let given = 0;
  return (_, response) => {
    given += 1;
    const Expiration = new Date(Date.now() + lifeMs).toISOString();
    response.end(JSON.stringify({ AccessKeyId: `A${given}`, SecretAccessKey: "S", Token: `T${given}`, Expiration }));
  };
};
const hour = 3_600_000;
const minute = 60_000;

const FULL = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const RELATIVE = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const read = (call = callFor(2_000)) => readCredentials(undefined, call);
const readAt = (url: string, env: Readonly<Record<string, string>> = {}) =>
  withEnv({ [FULL]: `${url}/role?a=b`, ...env }, () => read());

describe("where a container's credentials are", () => {
  const find = (env: Readonly<Record<string, string>>) => withEnv(env, () => containerAddress());

  test.each<[Record<string, string>, object | undefined]>([
    [{}, undefined],
    [
      { [RELATIVE]: "/v2/credentials/1234" },
      { hostname: "169.254.170.2", port: 80, protocol: "http:", host: "169.254.170.2", path: "/v2/credentials/1234" },
    ],
    [
      { [RELATIVE]: "/v2?id=1", [FULL]: "https://other.example/" },
      { hostname: "169.254.170.2", path: "/v2?id=1" },
    ],
    [{ [RELATIVE]: "//evil.example/x" }, { hostname: "169.254.170.2", path: "//evil.example/x" }],
    [{ [FULL]: "http://127.0.0.1:9001/2021-04-23/c" }, { hostname: "127.0.0.1", port: 9001, path: "/2021-04-23/c" }],
    [{ [FULL]: "http://127.255.0.9/" }, { hostname: "127.255.0.9", port: 80 }],
    [{ [FULL]: "http://localhost:1/" }, { hostname: "localhost", port: 1 }],
    [{ [FULL]: "http://[::1]/" }, { hostname: "::1", host: "[::1]" }],
    [{ [FULL]: "http://169.254.170.2/x" }, { hostname: "169.254.170.2", path: "/x" }],
    [{ [FULL]: "http://169.254.170.23/v1/credentials" }, { hostname: "169.254.170.23" }],
    [{ [FULL]: "http://[fd00:ec2::23]/v1/credentials" }, { hostname: "fd00:ec2::23", host: "[fd00:ec2::23]" }],
    [{ [FULL]: "https://any.example/x#y" }, { hostname: "any.example", port: 443, protocol: "https:", path: "/x" }],
  ])("%j", async (env, expected) => {
    const found = await find(env);
    expect(found && { ...found.endpoint, path: found.path }).toEqual(expected && expect.objectContaining(expected));
  });

  test.each<[string, string]>([
    [FULL, "http://CANARY.example/"],
    [FULL, "http://169.254.169.254/CANARY"],
    [FULL, "http://169.254.170.24/CANARY"],
    [FULL, "http://127.0.0.1.CANARY.example/"],
    [FULL, "http://[fd00:ec2::24]/CANARY"],
    [FULL, "http://CANARY:password@127.0.0.1/"],
    [FULL, "https://CANARY@any.example/"],
    [FULL, "ftp://127.0.0.1/CANARY"],
    [FULL, "CANARY"],
    [FULL, "/CANARY"],
    [RELATIVE, "CANARY"],
    [RELATIVE, "3/CANARY"], // 169.254.170.23
    [RELATIVE, "@CANARY.example/"],
    [RELATIVE, ".CANARY.example/"],
    [RELATIVE, ":80@CANARY.example/"],
  ])("not %s=%s, which is not quoted", async (variable, value) => {
    const error = await find({ [variable]: value }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "ERR_SECRET_PROVIDER",
      detail: expect.stringMatching(`^${variable} is no address that credentials may come from\\. Write `),
    });
    expect((error as Error).message).not.toContain("CANARY");
  });
});

describe("a container's credentials", () => {
  test("sign its requests; those of the environment come first", async () => {
    const server = await serve(giving(hour));
    const aws = await serve((_, response) => response.end("{}"));
    const request = { service: "kms", operation: "Decrypt", region: "us-east-1", input: {} } as const;
    const env = { [FULL]: `${server.url}/role`, AWS_ENDPOINT_URL: aws.url };
    await withEnv(env, () => direct()(request, callFor(2_000)));
    const own = { ...env, AWS_ACCESS_KEY_ID: "OWN", AWS_SECRET_ACCESS_KEY: "S" };
    await withEnv(own, () => direct()(request, callFor(2_000)));
    const [first, second] = aws.requests.map(({ message }) => message.headers);
    expect(first).toMatchObject({
      authorization: expect.stringContaining("Credential=A1/"),
      "x-amz-security-token": "T1",
    });
    expect(second?.authorization).toContain("Credential=OWN/");
    expect(server.requests.length).toBe(1);
  });

  test("are asked for once, by however many, and kept: a GET with no token where none is set", async () => {
    const server = await serve(giving(hour));
    const all = await Promise.all(Array.from({ length: 20 }, () => readAt(server.url)));
    expect(new Set(all.map(({ sessionToken }) => sessionToken))).toEqual(new Set(["T1"]));
    expect(await readAt(server.url)).toEqual({ accessKeyId: "A1", secretAccessKey: "S", sessionToken: "T1" });
    expect(server.requests).toMatchObject([{ body: "", message: { method: "GET", url: "/role?a=b" } }]);
    expect(server.requests[0]?.message.headers).not.toHaveProperty("authorization");
  });

  test("are another's at another address of the same host", async () => {
    const server = await serve(giving(hour));
    await readAt(server.url);
    await withEnv({ [FULL]: `${server.url}/other` }, () => read());
    expect(server.requests.map(({ message }) => message.url)).toEqual(["/role?a=b", "/other"]);
  });

  test("are renewed behind the calls from 5 minutes before they expire, and waited for once they have", async () => {
    stopClock();
    const server = await serve(giving(hour));
    const tokenAt = async (ms: number) => {
      jest.setSystemTime(startMs + ms);
      return (await readAt(server.url)).sessionToken;
    };
    expect(await tokenAt(0)).toBe("T1");
    expect(await tokenAt(hour - 5 * minute - 1)).toBe("T1");
    expect(server.requests.length).toBe(1);
    expect(await tokenAt(hour - 5 * minute)).toBe("T1");
    while (server.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
    while ((await tokenAt(hour - 5 * minute)) === "T1") await new Promise((resolve) => setImmediate(resolve));
    expect(await tokenAt(hour - minute)).toBe("T2");
    expect(server.requests.length).toBe(2);
    expect(await tokenAt(9 * hour)).toBe("T3");
  });

  test("are used to their end while the endpoint fails", async () => {
    stopClock();
    let fails = false;
    const give = giving(hour);
    const server = await serve((message, response) => {
      if (fails) response.writeHead(404).end();
      else give(message, response);
    });
    await readAt(server.url);
    fails = true;
    jest.setSystemTime(startMs + hour - minute);
    expect((await readAt(server.url)).sessionToken).toBe("T1");
    jest.setSystemTime(startMs + hour);
    await expect(readAt(server.url)).rejects.toMatchObject({ code: "ERR_SECRET_ACCESS_DENIED" });
  });

  test("that AWS calls expired are asked for once more, also when their date says otherwise", async () => {
    const server = await serve(giving(hour));
    const aws = await serve((message, response) => {
      if (message.headers["x-amz-security-token"] === "T2") response.end('{"a":1}');
      else response.writeHead(400).end('{"__type":"ExpiredTokenException"}');
    });
    const request = { service: "kms", operation: "Decrypt", region: "us-east-1", input: {} } as const;
    const env = { [FULL]: `${server.url}/role`, AWS_ENDPOINT_URL: aws.url };
    expect(await withEnv(env, () => direct()(request, callFor(2_000)))).toEqual({ a: 1 });
    expect([server.requests.length, aws.requests.length]).toEqual([2, 2]);
  });

  test("are asked for again when that may help", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0.01);
    const give = giving(hour);
    const outcomes: Listener[] = [
      (_, response) => response.writeHead(500).end(),
      (_, response) => response.socket?.resetAndDestroy(),
      (_, response) => response.writeHead(429).end(),
      give,
    ];
    const server = await serve((message, response) => outcomes.shift()?.(message, response));
    expect((await readAt(server.url)).accessKeyId).toBe("A1");
    expect(server.requests.length).toBe(4);
  });

  test("do not keep a call beyond its end, and one call's end takes them from no other", async () => {
    let answer = (): void => {};
    const give = giving(hour);
    const server = await serve((message, response) => {
      answer = () => give(message, response);
    });
    await withEnv({ [FULL]: `${server.url}/role` }, async () => {
      const controller = new AbortController();
      const patient = read(callFor(5_000));
      const aborted = read(callFor(5_000, controller.signal));
      const startedMs = Date.now();
      await expect(read(callFor(50))).rejects.toMatchObject({
        code: "ERR_SECRET_UNAVAILABLE",
        detail: expect.stringContaining("raise the call's timeout"),
      });
      expect(Date.now() - startedMs).toBeLessThan(500);
      controller.abort();
      await expect(aborted).rejects.toMatchObject({ code: "ERR_SECRET_UNAVAILABLE" });
      answer();
      expect((await patient).accessKeyId).toBe("A1");
    });
    expect(server.requests.length).toBe(1);
  });

  test("that were on their way in a freeze are not waited for after it", async () => {
    stopClock();
    const give = giving(hour);
    let calls = 0;
    const server = await serve((message, response) => {
      if (++calls > 1) give(message, response);
    });
    await withEnv({ [FULL]: `${server.url}/role` }, async () => {
      const frozen = read(callFor(3_600_000)).catch((error: unknown) => error);
      while (calls === 0) await new Promise((resolve) => setImmediate(resolve));
      jest.setSystemTime(startMs + 10 * minute);
      expect((await read(callFor(2_000))).accessKeyId).toBe("A1");
      await pass(2_000);
      expect(await frozen).toMatchObject({ code: "ERR_SECRET_UNAVAILABLE" });
    });
  });
});

describe("the token that a container shows", () => {
  const VARIABLE = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
  const FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
  const shown = ({ requests }: Loopback) => requests.map(({ message }) => message.headers.authorization);
  const inFile = (content: string): string => {
    const folder = mkdtempSync(join(tmpdir(), "token-"));
    cleanUps.push(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "token");
    writeFileSync(path, content);
    return path;
  };

  test("is the variable's, or before that the file's, read at each request", async () => {
    const server = await serve(giving(0));
    const path = inFile("Bearer one");
    await readAt(server.url, { [VARIABLE]: "variable" });
    await readAt(server.url, { [VARIABLE]: "variable", [FILE]: path });
    writeFileSync(path, "two");
    await readAt(server.url, { [FILE]: path });
    expect(shown(server)).toEqual(["variable", "Bearer one", "two"]);
  });

  test.each([["CANARY\r\nx-injected: 1"], ["CANARY\n"], ["CANARY\u0000"], ["CANARYé"], [" CANARY"]])(
    "is refused, unquoted and unsent, where no header may hold it: %j",
    async (token) => {
      const server = await serve(giving(hour));
      const envs: Record<string, string>[] = [{ [FILE]: inFile(token) }];
      // No environment variable holds a NUL.
      if (!token.includes("\u0000")) envs.push({ [VARIABLE]: token });
      for (const env of envs) {
        const error = await readAt(server.url, env).catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({
          code: "ERR_SECRET_PROVIDER",
          detail: expect.stringMatching(
            /^the token of AWS_CONTAINER_AUTHORIZATION_TOKEN(_FILE)? is empty, or holds a line/,
          ),
        });
        expect((error as Error).message).not.toContain("CANARY");
      }
      expect(server.connections()).toBe(0);
    },
  );

  test("is missing where its file is, or is empty", async () => {
    const server = await serve(giving(hour));
    await expect(readAt(server.url, { [FILE]: "/CANARY/none" })).rejects.toMatchObject({
      code: "ERR_SECRET_PROVIDER",
      detail: `the file that ${FILE} names cannot be read (ENOENT). Check that it is there, and who may read it.`,
    });
    await expect(readAt(server.url, { [FILE]: inFile("") })).rejects.toMatchObject({ code: "ERR_SECRET_PROVIDER" });
    expect(server.connections()).toBe(0);
  });
});

describe("an endpoint that gives none is told of, unquoted, with a cure", () => {
  const source = `the container's credentials endpoint, which ${FULL} names,`;
  const good = { AccessKeyId: "A", SecretAccessKey: "S", Token: "T", Expiration: "2040-01-01T00:00:00Z" };

  test.each<[number, string, string, string]>([
    [401, "CANARY", "ACCESS_DENIED", "refused to give them (HTTP 401). Check the container's role and "],
    [404, '{"message":"CANARY"}', "ACCESS_DENIED", "refused to give them (HTTP 404). Check "],
    [302, "CANARY", "PROVIDER", "answered with something else than credentials (HTTP 302). Check that address."],
    [200, "<html>CANARY", "PROVIDER", "answered with something else than credentials (HTTP 200). Check that address."],
    [200, "null", "PROVIDER", "answered with something else"],
    [200, JSON.stringify({ ...good, Token: undefined }), "PROVIDER", "answered with something else"],
    [200, JSON.stringify({ ...good, Expiration: "CANARY" }), "PROVIDER", "answered with something else"],
    [200, JSON.stringify({ ...good, SecretAccessKey: 7 }), "PROVIDER", "answered with something else"],
  ])("HTTP %d %s", async (status, body, code, detail) => {
    const server = await serve((_, response) =>
      response.writeHead(status, { location: "http://127.0.0.1:1/" }).end(body),
    );
    const error = await readAt(server.url).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: `ERR_SECRET_${code}`, detail: expect.stringContaining(`${source} ${detail}`) });
    expect((error as Error).message).not.toContain("CANARY");
    expect(server.requests.length).toBe(1);
  });

  test("whose key no header may hold is refused, and not kept", async () => {
    const server = await serve((_, response) => response.end(JSON.stringify({ ...good, Token: "CANARY\n" })));
    const error = await readAt(server.url).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ detail: expect.stringContaining("something else than credentials") });
    expect((error as Error).message).not.toContain("CANARY");
  });

  test("or that does not answer: UNAVAILABLE after 5 s of trying", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0.5);
    const { port, stop } = await startLoopback(() => {});
    await stop();
    stopClock();
    const caught = withEnv({ [FULL]: `http://127.0.0.1:${port}/` }, () => read(callFor(60_000))).catch(
      (e: unknown) => e,
    );
    let error: unknown;
    caught.then((thrown) => {
      error = thrown;
    });
    while (error === undefined) await pass(10);
    expect(error).toMatchObject({
      code: "ERR_SECRET_UNAVAILABLE",
      detail: expect.stringMatching(
        /gave no answer \(ECONNREFUSED\)\. Check that it can be reached from here\. It was tried \d+ times\.$/,
      ),
    });
  });
});
