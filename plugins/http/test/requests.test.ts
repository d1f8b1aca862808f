import { t } from "@flyte-ts/core";
import { failureOf } from "@flyte-ts/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { call, testServer } from "./fixture.ts";

const server = await testServer();

/** What the server got of one request. */
async function sent(custom: object, inputs = {}, values = {}) {
  const before = server.got.length;
  await call({ url: server.url, ...custom }, { inputs, values });
  expect(server.got).toHaveLength(before + 1);
  return server.got[before] as (typeof server.got)[number];
}

const own = (more: object = {}): object => ({ flyte_ts: { json_body: true, ...more } });

describe("values stand in a request as data", () => {
  it("in a JSON body as JSON, each of its own type", async () => {
    const inputs = {
      whole: t.bigint,
      part: t.float,
      text: t.string,
      yes: t.boolean,
      at: t.datetime,
      took: t.duration,
      none: t.optional(t.int),
      list: t.list(t.string),
      map: t.map(t.int),
      json: t.json,
      bytes: t.bytes,
    };
    const values = {
      whole: 2n ** 62n,
      part: 1.5,
      text: 'a"b\n',
      yes: true,
      at: new Date("2024-02-29T12:30:05.250Z"),
      took: 1500,
      none: null,
      list: ["x", "y"],
      map: { a: 1 },
      json: { deep: [1, null, "z"] },
      bytes: new Uint8Array([255, 0]),
    };
    const data = Object.fromEntries(Object.keys(inputs).map((name) => [name, `{inputs.${name}}`]));
    const got = await sent({ data: { ...data, mixed: "<{inputs.text}|{inputs.whole}>" }, ...own() }, inputs, values);
    expect(got.headers["content-type"]).toBe("application/json");
    expect(got.body).toContain('"whole":4611686018427387904');
    expect(JSON.parse(got.body)).toEqual({
      whole: Number(2n ** 62n),
      part: 1.5,
      text: 'a"b\n',
      yes: true,
      at: "2024-02-29T12:30:05.250000+00:00",
      took: 1.5,
      none: null,
      list: ["x", "y"],
      map: { a: 1 },
      json: { deep: [1, null, "z"] },
      bytes: "/wA=",
      mixed: '<a"b\n|4611686018427387904>',
    });
  });

  it("in the order of their names, which Flyte does not keep", async () => {
    const got = await sent(
      { data: { b: "{inputs.json}", a: 1 }, ...own() },
      { json: t.json },
      { json: { d: 1, c: 2 } },
    );
    expect(got.body).toBe('{"a":1,"b":{"c":2,"d":1}}');
  });

  it("in a text as text; a part of a value by its path", async () => {
    const inputs = { text: t.string, json: t.json };
    const values = { text: "é", json: { a: [{ b: 7 }] } };
    const text = '{"x": 1} {inputs.text} {inputs.json.a.0.b} {inputs.json}';
    const got = await sent({ flyte_ts: { text_body: text } }, inputs, values);
    expect(got.body).toBe('{"x": 1} é 7 {"a":[{"b":7}]}');
    expect(got.headers["content-type"]).toBeUndefined();
  });

  it("in the URL percent-encoded, whatever they are", async () => {
    const text = fc.string({ unit: "grapheme" }).filter((one) => one !== "" && one !== "." && one !== "..");
    await fc.assert(
      fc.asyncProperty(text, text, async (id, q) => {
        const custom = { url: `${server.url}/items/{inputs.id}/x?q={inputs.q}&r=1`, method: "GET" };
        const got = await sent({ ...custom, ...own() }, { id: t.string, q: t.string }, { id, q });
        const url = new URL(got.url, server.url);
        const [, first = "", second = "", ...rest] = url.pathname.split("/");
        expect([first, decodeURIComponent(second), ...rest]).toEqual(["items", id, "x"]);
        expect([...url.searchParams]).toEqual([
          ["q", q],
          ["r", "1"],
        ]);
      }),
      { numRuns: 50 },
    );
  });

  it("as parameters behind the URL: null is left out, a list repeated", async () => {
    const data = { a: "{inputs.a}", none: "{inputs.none}", list: ["{inputs.a}", 2], fixed: "x y" };
    const inputs = { a: t.string, none: t.optional(t.string) };
    const got = await sent({ url: `${server.url}/p?z=1`, method: "GET", data, ...own() }, inputs, {
      a: "&=",
      none: null,
    });
    expect(got.url).toBe("/p?z=1&a=%26%3D&fixed=x%20y&list=%26%3D&list=2");
  });

  it("as a whole URL, and as a part of the host", async () => {
    const inputs = { base: t.string };
    expect((await sent({ url: "{inputs.base}/v1?a=b", ...own() }, inputs, { base: `${server.url}/api` })).url).toBe(
      "/api/v1?a=b",
    );
    const url = `http://{inputs.base}:${server.port}/`;
    expect((await sent({ url, ...own() }, inputs, { base: "127.0.0.1" })).url).toBe("/");
  });

  it("in headers on one line", async () => {
    const got = await sent({ headers: { "X-Id": "<{inputs.id}>" }, ...own() }, { id: t.int }, { id: 7 });
    expect(got.headers["x-id"]).toBe("<7>");
  });

  it.each([
    [
      "a line break in a header",
      { headers: { "X-A": "{inputs.x}" } },
      "a\r\nX-Evil: 1",
      /header X-A would hold a line break/,
    ],
    [
      "a character that no header takes",
      { headers: { "X-A": "{inputs.x}" } },
      "日",
      /header X-A would hold a character/,
    ],
    ["a way up", { url: "http://127.0.0.1/items/{inputs.x}/y" }, "..", /inputs.x makes "\.\." of a segment/],
    ["nothing", { url: "http://127.0.0.1/items/{inputs.x}" }, "", /inputs.x makes "" of a segment/],
    [
      "another host",
      { url: "http://{inputs.x}.example/" },
      "evil.com/#",
      /inputs.x is "evil.com\/#"; in the URL's host/,
    ],
    ["a password", { url: "http://{inputs.x}.example/" }, "a@b", /inputs.x is "a@b"; in the URL's host/],
    ["no URL at all", { url: "{inputs.x}" }, "file:///etc/passwd", /must begin with http/],
  ])("%s is refused", async (_, custom, x, message) => {
    const error = await failureOf(
      call({ url: server.url, ...custom, ...own() }, { inputs: { x: t.string }, values: { x } }),
    );
    expect(error.message).toMatch(message);
    expect([error.code, error.kind]).toEqual(["InvalidInput", "user"]);
  });

  it("null in a text is refused", async () => {
    const parts = { inputs: { x: t.optional(t.string) }, values: { x: null } };
    const error = await failureOf(call({ url: `${server.url}/{inputs.x}`, ...own() }, parts));
    expect(error.message).toMatch(/inputs.x is null/);
  });
});

describe("flytekit's template", () => {
  it("is sent as flytekit sends it", async () => {
    const inputs = {
      s: t.string,
      n: t.int,
      f: t.float,
      b: t.boolean,
      none: t.optional(t.int),
      l: t.list(t.string),
      d: t.json,
    };
    const values = { s: "it's", n: 5, f: 5, b: true, none: null, l: ["a", "it's"], d: { a: [1, null], é: true } };
    const data = {
      whole: "{inputs.n}",
      dict: "{inputs.d}",
      text: "{inputs.n}|{inputs.f}|{inputs.b}|{inputs.none}|{inputs.l}",
    };
    const got = await sent({ method: "PUT", headers: { "X-S": "{inputs.s}" }, data }, inputs, values);
    expect([got.method, got.headers["x-s"]]).toEqual(["POST", "it's"]);
    expect(JSON.parse(got.body)).toEqual({
      whole: 5,
      dict: '{"a": [1, null], "\\u00e9": true}',
      text: `5|5.0|True|None|['a', "it's"]`,
    });
  });

  it("takes data for the query of GET", async () => {
    expect(
      (
        await sent(
          { url: `${server.url}/a?b=1`, method: "GET", data: { q: "{inputs.s}" } },
          { s: t.string },
          { s: "x y" },
        )
      ).url,
    ).toBe("/a?b=1&q=x%20y");
  });

  it("with an unknown name fails", async () => {
    expect((await failureOf(call({ url: `${server.url}/{input.x}` }))).message).toMatch(/\{input.x\} names nothing/);
    expect((await failureOf(call({ url: `${server.url}/{inputs.x}` }))).message).toMatch(/inputs.x: .* not given/);
  });
});

describe("headers", () => {
  it("with secrets get them from the connector's process", async () => {
    const secret_headers = { Authorization: { key: "token", prefix: "Bearer " } };
    const before = server.got.length;
    await call({ url: server.url, ...own({ secret_headers }) }, { secrets: { token: "s3cr3t" } });
    expect(server.got[before]?.headers.authorization).toBe("Bearer s3cr3t");
  });

  it("a missing secret is an error that names it", async () => {
    const error = await failureOf(call({ url: server.url, ...own({ secret_headers: { A: { key: "token" } } }) }));
    expect([error.code, error.message]).toEqual(["NotFound", 'no secret "token"']);
  });

  it("the idempotency key goes where the task says", async () => {
    const got = await sent(own({ idempotency_header: "Idempotency-Key" }));
    expect(got.headers["idempotency-key"]).toBe("ab".repeat(32));
  });

  it.each(["Host", "Content-Length", "Transfer-Encoding", "A B", ""])("%s cannot be given", async (name) => {
    const error = await failureOf(call({ url: server.url, headers: { [name]: "x" }, ...own() }));
    expect(error.code).toBe("InvalidDefinition");
  });
});
