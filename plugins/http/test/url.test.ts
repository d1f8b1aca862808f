import { t } from "@flyte-ts/core";
import { FlyteError } from "@flyte-ts/core/plugin";
import { failureOf } from "@flyte-ts/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HttpClient } from "../src/client.ts";
import { HttpConnector } from "../src/connector.ts";
import { httpTask } from "../src/index.ts";
import { call } from "./fixture.ts";

/** Where the request of a template would go; nothing is sent. */
async function target(url: string, values: Readonly<Record<string, string>>, own: object = {}): Promise<URL> {
  const urls: URL[] = [];
  const client: HttpClient = {
    async send(request) {
      urls.push(request.url);
      return { status: 200, headers: {}, body: new Uint8Array() };
    },
  };
  const inputs = Object.fromEntries(Object.keys(values).map((name) => [name, t.string]));
  const custom = { url, method: "GET", ...own };
  await call(custom, { inputs, values, connector: new HttpConnector({ client }) });
  return urls[0] as URL;
}

const hostile = fc.oneof(
  fc.constantFrom(
    ...[".evil.org", "-evil.org", ":80", ":80@evil.org", "@evil.org", "/../..", "..", ".", "", "\\evil.org"],
    ...["//evil.org", "evil.org/#", "?x", "#", "%2e", "2e", "evil.org", "1", "\t.", "\n", " ", "]", "[", "é", "。evil"],
  ),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(..."./\\:@?#%-[]e2 \t\n") }),
);

/** What stands behind a host, with placeholders in it. */
const behind = fc
  .array(fc.constantFrom("{inputs.x}", "{inputs.y}", "{ inputs.x }", ..."/\\?#.%:@&=2e \t"), { maxLength: 8 })
  .map((pieces) => pieces.join(""));

const starts = [
  "https://",
  "HTTP://",
  "https:",
  "https:/",
  "https:///",
  "https:\\\\",
  "https:\t//",
  " https://",
  "//",
  "",
];

describe("the host of a request", () => {
  it("is the template's, whatever the values are, where no placeholder stands in the template's host", async () => {
    let reached = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...starts),
        fc.constantFrom("desk.example.com", "desk", "127.0.0.1", "[::1]", "a.b:8080", "u:p@desk.example.com"),
        fc.constantFrom("", "/", "/", "?", "#", "\\"),
        behind,
        hostile,
        hostile,
        fc.boolean(),
        async (start, host, first, rest, x, y, flytekit) => {
          const result = await target(
            `${start}${host}${first}${rest}`,
            { x, y },
            flytekit ? {} : { flyte_ts: {} },
          ).catch((error: unknown) => error);
          if (FlyteError.is(result)) return;
          expect(result).toBeInstanceOf(URL);
          const authority = /^[^/\\?#]*/.exec(`${host}${first}${rest}`.trim())?.[0] ?? "";
          const fixed = authority.slice(authority.lastIndexOf("@") + 1);
          if (fixed.includes("{")) return;
          expect((result as URL).host).toBe(new URL(`${/http:/i.test(start) ? "http" : "https"}://${fixed}/`).host);
          reached++;
        },
      ),
      { numRuns: 1000 },
    );
    expect(reached).toBeGreaterThan(50);
  });

  it("stays below the fixed end of the template's host", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("https://{inputs.x}.example.com/", "https://a.{inputs.x}.example.com:8443/{inputs.y}"),
        hostile,
        hostile,
        async (url, x, y) => {
          const result = await target(url, { x, y }).catch((error: unknown) => error);
          if (FlyteError.is(result)) return;
          expect((result as URL).hostname.endsWith(".example.com")).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    ["https://{inputs.x}.example.com/", "eu-1", "eu-1.example.com"],
    ["https://{inputs.x}/", "a.example.com", "a.example.com"],
    ["https://desk.{inputs.x}:8443/", "example.com", "desk.example.com:8443"],
    ["https://desk.example.com:{inputs.x}/", "8443", "desk.example.com:8443"],
    ["{inputs.x}:8443/a", "https://desk.example.com", "desk.example.com:8443"],
    ["{inputs.x}{inputs.y}", "https://desk.example.com/a/", "desk.example.com"],
  ])("%s with %s is %s", async (url, x, host) => {
    expect((await target(url, { x, y: "b" })).host).toBe(host);
  });

  it.each([
    ["https://{inputs.x}.example.com/", ".", /inputs\.x is "\."; in the URL's host it must be a host's name/],
    ["https://{inputs.x}.example.com/", "a-", /it must be a host's name/],
    ["https://{inputs.x}.example.com/", "-a", /it must be a host's name/],
    ["https://{inputs.x}.example.com/", "a..b", /it must be a host's name/],
    ["https://desk.example.com:{inputs.x}/", "80.evil.org", /it must be the number of a port/],
    ["https://desk.example.com:{inputs.x}/", "65536", /it must be the number of a port/],
    ["{inputs.y}{inputs.x}", ".evil.org", /inputs\.y .*it must have a path/],
  ])("%s with %s is refused", async (url, x, message) => {
    const error = await failureOf(target(url, { x, y: "https://desk.example.com" }));
    expect(error.message).toMatch(message);
    expect([error.code, error.recoverable]).toEqual(["InvalidInput", false]);
  });
});

it("a long value is not all that a message holds", async () => {
  const error = await failureOf(target("https://{inputs.x}.example.com/", { x: "/".repeat(100_000) }));
  expect(error.message.length).toBeLessThan(500);
});

describe("a template whose host a value could move is refused, by the connector and when the task is defined", () => {
  it.each([
    ["https://desk.example.com{inputs.x}", /touches "m"/],
    ["https://desk.example.com{inputs.x}/tickets", /touches "m"/],
    ["https://desk-{inputs.x}.example.com/", /touches "-"/],
    ["https://{inputs.x}example.com/", /touches "e"/],
    ["https://{inputs.x}{inputs.x}.example.com/", /touches "\{"/],
    ["https://[::{inputs.x}]/", /touches "\]"/],
    ["https:desk{inputs.x}", /begins with http:\/\/ or https:\/\//],
    ["https:///desk{inputs.x}", /begins with http:\/\/ or https:\/\//],
    ["http{inputs.x}://desk.example.com/", /begins with http:\/\/ or https:\/\//],
    ["https://desk.example.com/a\n/{inputs.x}", /control character/],
  ])("%j", async (url, message) => {
    const error = await failureOf(target(url, { x: ".evil.org" }));
    expect(error.message).toMatch(message);
    expect(error.code).toBe("InvalidDefinition");
    expect(() => httpTask({ name: "wrong", url, inputs: { x: t.string } })).toThrow(message);
  });
});

it("a value in the password of a template's URL stays there", async () => {
  const url = await target("https://u:{inputs.x}@desk.example.com/", { x: "a@evil.org/:" });
  expect([url.host, decodeURIComponent(url.password)]).toEqual(["desk.example.com", "a@evil.org/:"]);
});

it("a lone percent sign in a template's password is one", async () => {
  expect((await target("https://u:100%@desk.example.com/", {})).password).toBe("100%");
});

it("a value cannot climb out of its segment behind a backslash, which is a slash in a URL", async () => {
  const error = await failureOf(target("https://desk.example.com/a\\{inputs.x}", { x: ".." }));
  expect(error.message).toMatch(/inputs.x makes "\.\." of a segment/);
});
