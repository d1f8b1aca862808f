import { brotliCompressSync, gzipSync } from "node:zlib";
import { t } from "@flyte-ts/core";
import { failureOf } from "@flyte-ts/core/testing";
import { describe, expect, it } from "vitest";
import { call, type Got, testServer } from "./fixture.ts";

const target = await testServer();

const own = (more: object = {}): object => ({ flyte_ts: { ...more } });

describe("the answer becomes outputs", () => {
  it("as flytekit's dictionary", async () => {
    const server = await testServer((_, response) => response.end("héllo"));
    const url = `${server.url}/a`;
    expect((await call({ url })).outputs).toEqual({ info: { status_code: 200, response_data: "héllo" } });
    const shown = { url, show_data: true, show_url: true, data: { a: [1, "{inputs.x}"] } };
    expect((await call(shown, { inputs: { x: t.float }, values: { x: 5 } })).outputs).toEqual({
      info: { status_code: 200, response_data: "héllo", input_data: { a: [1, 5] }, url },
    });
  });

  it("as status and text, in the character set that the answer names", async () => {
    const server = await testServer((_, response) => {
      response.setHeader("content-type", "text/plain; charset=latin1");
      response.statusCode = 201;
      response.end(Buffer.from("é", "latin1"));
    });
    const outputs = { status: t.int, body: t.string };
    const answer = await call({ url: server.url, ...own({ response: "text" }) }, { outputs });
    expect(answer.outputs).toEqual({ status: 201n, body: "é" });
    expect(answer.customInfo).toMatchObject({ status_code: 201, tries: 1, redirects: 0 });
  });

  it("as JSON of the declared type, with exact integers", async () => {
    const server = await testServer((_, response) =>
      response.end('{"id": 9007199254740993, "name": "x", "at": "2024-01-01"}'),
    );
    const body = t.object({ id: t.bigint, name: t.string, at: t.date });
    const answer = await call({ url: server.url, ...own({ response: "json" }) }, { outputs: { status: t.int, body } });
    expect(answer.outputs).toMatchObject({ status: 200n, body: { id: 9007199254740993n, name: "x" } });
    const json = await call({ url: server.url, ...own({ response: "json" }) }, { outputs: { body: t.json } });
    expect(json.outputs).toEqual({ body: { id: 9007199254740993n, name: "x", at: "2024-01-01" } });
  });

  it("as nothing for a task without outputs", async () => {
    const server = await testServer();
    expect(await call({ url: server.url }, { outputs: {} })).not.toHaveProperty("outputs");
  });

  it.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
  ])("decompressed: %s", async (encoding, compress) => {
    const server = await testServer((_, response) => {
      response.setHeader("content-encoding", encoding);
      response.end(compress("packed"));
    });
    const answer = await call({ url: server.url, ...own({ response: "text" }) }, { outputs: { body: t.string } });
    expect(answer.outputs).toEqual({ body: "packed" });
  });

  it.each([
    ["no JSON", "<html>", { response: "json" }, "InvalidType", /body is no JSON; it begins with "<html>"/],
    [
      "JSON of another type",
      '{"id": "x"}',
      { response: "json" },
      "InvalidType",
      /not what the task declares: the body.id is "x"; it must be integer/,
    ],
    ["JSON without a field", "{}", { response: "json" }, "InvalidType", /the body has no "id"/],
    ["too long", "x".repeat(101), { response: "text", max_response_bytes: 100 }, "TooLarge", /more than 100 bytes/],
  ])("%s is refused", async (_, body, more, code, message) => {
    const server = await testServer((_request, response) => response.end(body));
    const outputs = { body: t.object({ id: t.int }) };
    const error = await failureOf(call({ url: server.url, ...own(more) }, { outputs }));
    expect([error.code, error.kind, error.recoverable]).toEqual([code, "user", false]);
    expect(error.message).toMatch(message);
  });

  it("too long once it is unpacked, it is refused", async () => {
    const server = await testServer((_, response) => {
      response.setHeader("content-encoding", "gzip");
      response.end(gzipSync(Buffer.alloc(1_000_000)));
    });
    expect((await failureOf(call({ url: server.url, ...own({ max_response_bytes: 10_000 }) }))).code).toBe("TooLarge");
  });
});

describe("an unexpected status", () => {
  it.each([
    ["POST", 400, "TaskFailed", false],
    ["POST", 401, "PermissionDenied", false],
    ["POST", 404, "TaskFailed", false],
    ["POST", 500, "TaskFailed", false],
    ["PUT", 500, "Unavailable", true],
    ["GET", 408, "Unavailable", true],
    ["GET", 404, "TaskFailed", false],
  ])("%s %d is %s", async (method, status, code, recoverable) => {
    const server = await testServer((_, response) => {
      response.statusCode = status;
      response.end("because");
    });
    const error = await failureOf(call({ url: `${server.url}/a?secret=1`, method, ...own() }));
    expect([error.code, error.recoverable]).toEqual([code, recoverable]);
    expect(error.message).toBe(`${method} ${server.url}/a was answered ${status}: because`);
  });

  it("is what the task does not expect", async () => {
    const server = await testServer((_, response) => {
      response.statusCode = 404;
      response.end();
    });
    expect((await call({ url: server.url, ...own({ expected_status: [[404, 404]] }) })).phase).toBe("SUCCEEDED");
  });

  it("201 fails flytekit's template, as in flytekit", async () => {
    const server = await testServer((_, response) => {
      response.statusCode = 201;
      response.end("made");
    });
    expect((await failureOf(call({ url: server.url }))).message).toMatch(/was answered 201: made/);
  });
});

describe("redirects", () => {
  const moved = (status: number, location: string) =>
    testServer((request, response) => {
      if (request.url === "/there") response.end("there");
      else response.writeHead(status, { location }).end();
    });
  const last = (server: { readonly got: Got[] }) => server.got.at(-1) as Got;

  it("are followed, with the method and body where they stay the same", async () => {
    const server = await moved(307, "/there");
    const custom = { url: server.url, data: { a: 1 }, ...own({ json_body: true }) };
    expect((await call(custom)).customInfo).toMatchObject({ redirects: 1 });
    expect([last(server).method, last(server).body]).toEqual(["POST", '{"a":1}']);
  });

  it("with 303 become a GET without a body", async () => {
    const server = await moved(303, "/there");
    await call({ url: server.url, data: { a: 1 }, ...own({ json_body: true }) });
    expect([last(server).method, last(server).body, last(server).headers["content-type"]]).toEqual([
      "GET",
      "",
      undefined,
    ]);
  });

  it("of a POST with 302 are not followed", async () => {
    const server = await moved(302, "/there");
    expect((await failureOf(call({ url: server.url, ...own() }))).message).toMatch(/was answered 302/);
  });

  it("keep secrets from another origin", async () => {
    const server = await moved(307, target.url);
    const headers = { Authorization: "Basic x", Cookie: "c=1", "X-Open": "1" };
    const more = { secret_headers: { "X-Token": { key: "token" } } };
    await call({ url: server.url, headers, ...own(more) }, { secrets: { token: "s3cr3t" } });
    const { headers: got } = last(target);
    expect([got.authorization, got.cookie, got["x-token"], got["x-open"]]).toEqual([
      undefined,
      undefined,
      undefined,
      "1",
    ]);
  });

  it("are limited", async () => {
    const server = await moved(307, "/again");
    const error = await failureOf(call({ url: server.url, method: "GET", ...own({ max_redirects: 3 }) }));
    expect(error.message).toMatch(/more than 3 redirects/);
    expect(server.got).toHaveLength(4);
  });

  it("of flytekit's templates are not followed", async () => {
    const server = await moved(302, "/there");
    expect((await failureOf(call({ url: server.url, method: "GET" }))).message).toMatch(/answered 302/);
  });
});
