import { failureOf } from "@flyte-ts/core/testing";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { HttpConnector } from "../src/connector.ts";
import { httpTask } from "../src/index.ts";
import manifest from "../src/plugin.ts";
import { SecretPolicy } from "../src/secret-policy.ts";
import { call, testServer } from "./fixture.ts";

const own = (more: object = {}): object => ({ flyte_ts: { ...more } });

describe("a secret", () => {
  const more = { secret_headers: { "X-Token": { key: "token" } } };
  const allow = ["127.0.0.1"];

  it.each([
    [["token=http://127.0.0.1:<port>"], true],
    [["other=a.example", "token=http://127.0.0.1:<port>"], true],
    [["token=127.0.0.1"], false],
    [["token=127.0.0.1:<port>"], false],
    [["token=https://127.0.0.1:<port>"], false],
    [["token=http://127.0.0.1"], false],
    [["token=http://127.0.0.1:1"], false],
    [["other=http://127.0.0.1:<port>", "token=http://*.example:<port>"], false],
    [["desk/token=http://127.0.0.1:<port>"], false],
    [[], false],
    [undefined, false],
  ])("goes where the operator lets it: %o", async (rules, goes) => {
    const server = await testServer();
    const named = rules?.map((rule) => rule.replace("<port>", String(server.port)));
    const connector = new HttpConnector({ allow, secrets: named });
    const sending = call({ url: server.url, ...own(more) }, { secrets: { token: "x" }, connector });
    if (goes) await sending;
    else {
      const { code, message } = await failureOf(sending);
      expect([code, message]).toEqual([
        "PermissionDenied",
        `the secret "token" may not go to ${server.url}; the connector's operator can allow it by ` +
          `FLYTE_TS_HTTP_SECRETS=token=http://127.0.0.1:${server.port} (several rules with commas between them)`,
      ]);
    }
    expect(server.got).toHaveLength(goes ? 1 : 0);
  });

  it.each([
    ["token=desk.example.com", "https://desk.example.com/x", true],
    ["token=https://desk.example.com", "https://desk.example.com:443/x", true],
    ["token=*.example.com", "https://desk.example.com/x", true],
    ["token=desk.example.com:8443", "https://desk.example.com:8443/x", true],
    ["token=[::1]:8443", "https://[::1]:8443/", true],
    ["token=::1", "https://[::1]/", true],
    ["token=desk.example.com", "http://desk.example.com/x", false],
    ["token=desk.example.com", "https://desk.example.com:8443/x", false],
    ["token=*.example.com", "https://example.com/x", false],
    ["token=*.example.com", "https://desk-example.com/x", false],
  ])("by the rule %s to %s: %s", (rule, url, goes) => {
    const checking = (): void => new SecretPolicy([rule]).check({ key: "token" }, new URL(url));
    if (goes) checking();
    else expect(checking).toThrow(/may not go to/);
  });

  it("of a group and version is another one than that of the key alone", () => {
    const policy = new SecretPolicy(["desk/2/token=a.example"]);
    const url = new URL("https://a.example/");
    policy.check({ group: "desk", version: "2", key: "token" }, url);
    for (const name of [
      { group: "desk", key: "token" },
      { key: "token" },
      { group: "desk", version: "3", key: "token" },
    ])
      expect(() => policy.check(name, url)).toThrow(/may not go to https:\/\/a.example/);
  });

  it("goes nowhere from a service whose operator has said nothing", async () => {
    const server = await testServer();
    vi.stubEnv("FLYTE_TS_HTTP_ALLOW", "127.0.0.1");
    onTestFinished(() => void vi.unstubAllEnvs());
    const connector = (await manifest.provides.connectors?.webhook?.()) as HttpConnector;
    const error = await failureOf(call({ url: server.url, ...own(more) }, { secrets: { token: "x" }, connector }));
    expect([error.code, error.kind, error.recoverable]).toEqual(["PermissionDenied", "user", false]);
    expect(server.got).toEqual([]);
    expect((await call({ url: server.url }, { connector })).phase).toBe("SUCCEEDED");
  });

  it("goes where its author sends it on the author's own machine, unless there are rules", async () => {
    const server = await testServer();
    vi.stubEnv("FLYTE_TS_HTTP_ALLOW", "127.0.0.1");
    vi.stubEnv("DESK_TOKEN", "x");
    onTestFinished(() => void vi.unstubAllEnvs());
    const secretHeaders = { "X-Token": { key: "DESK_TOKEN" } };
    const task = httpTask({ name: "local", url: server.url, secretHeaders, output: "status" });
    expect(await task()).toEqual({ status: 200 });
    expect(server.got[0]?.headers["x-token"]).toBe("x");
    vi.stubEnv("FLYTE_TS_HTTP_SECRETS", "DESK_TOKEN=desk.example.com");
    await expect(task()).rejects.toThrow(/"DESK_TOKEN" may not go to http:/);
    expect(server.got).toHaveLength(1);
  });

  it.each([
    "token",
    "=a.b",
    "token=ftp://a",
    "a=b=c",
    "token=a:b",
    "token=a:0",
    "token=a:65536",
    "token=a/b",
    "token=*",
  ])("has no rule %s", (rule) => {
    expect(() => new HttpConnector({ secrets: [rule] })).toThrow(`"${rule}" in FLYTE_TS_HTTP_SECRETS`);
  });

  const secrets = { token: 's3"cr/et' };

  it("that the server repeats is in no output", async () => {
    const server = await testServer(({ headers }, response) => response.end(JSON.stringify(headers)));
    const answer = await call({ url: server.url, ...own(more) }, { secrets });
    expect(JSON.stringify(answer)).not.toContain("cr/et");
    expect(JSON.stringify(answer.outputs)).toContain("[secret]");
  });

  it("that the server repeats is in no error", async () => {
    const server = await testServer(({ headers }, response) => {
      response.statusCode = 400;
      response.end(`no: ${headers["x-token"]}`);
    });
    const error = await failureOf(call({ url: server.url, ...own(more) }, { secrets }));
    expect(error.message).toMatch(/no: \[secret\]/);
  });
});
