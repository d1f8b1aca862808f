import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { t } from "@flyte-ts/core";
import type { Clock } from "@flyte-ts/core/plugin";
import { createContext, failureOf, templateOf } from "@flyte-ts/core/testing";
import { describe, expect, it } from "vitest";
import { HttpConnector } from "../src/connector.ts";
import { call, testServer } from "./fixture.ts";

/** A clock on which pauses are over at once; the deadline never comes. Says which pauses there were. */
function quickClock(deadlineMs = 10_000): { readonly clock: Clock; readonly pauses: number[] } {
  const pauses: number[] = [];
  let now = 0;
  const clock: Clock = {
    now: () => now,
    sleep: (ms, { signal } = {}) => {
      if (ms === deadlineMs)
        return new Promise((_, reject) => signal?.addEventListener("abort", reject, { once: true }));
      pauses.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
  return { clock, pauses };
}

/** A clock whose only pause is the deadline, which comes when the test says. */
function deadlineClock(): { readonly clock: Clock; pass(): void } {
  let pass = (): void => {};
  const passed = new Promise<void>((resolve) => {
    pass = resolve;
  });
  return { clock: { now: () => 0, sleep: () => passed }, pass: () => pass() };
}

const own = (more: object = {}): object => ({ flyte_ts: { ...more } });
const keyed = own({ idempotency_header: "Idempotency-Key" });
const drop = (response: ServerResponse): void => void response.socket?.destroy();

describe("a request that may be repeated is sent again", () => {
  it.each([
    ["GET", own()],
    ["PUT", own()],
    ["POST", keyed],
  ])("%s after a lost answer, with the same key", async (method, custom) => {
    const server = await testServer((_, response, count) => (count < 3 ? drop(response) : response.end("ok")));
    const { clock, pauses } = quickClock();
    const answer = await call({ url: server.url, method, ...custom }, { context: { clock } });
    expect(answer.customInfo).toMatchObject({ tries: 3 });
    expect(pauses).toEqual([100, 200]);
    expect(new Set(server.got.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
  });

  it.each(["plain", "gzip"])("after an answer that was cut off (%s)", async (encoding) => {
    const whole = encoding === "gzip" ? gzipSync("the whole answer") : Buffer.from("the whole answer");
    const server = await testServer((_, response, count) => {
      response.writeHead(200, {
        "content-length": whole.length,
        ...(encoding === "gzip" ? { "content-encoding": encoding } : {}),
      });
      if (count > 1) return response.end(whole);
      response.write(whole.subarray(0, 5), () => drop(response));
    });
    const { clock } = quickClock();
    const parts = { context: { clock }, outputs: { body: t.string } };
    const answer = await call({ url: server.url, method: "GET", ...own({ response: "text" }) }, parts);
    expect([answer.outputs, server.got.length]).toEqual([{ body: "the whole answer" }, 2]);
  });

  it("after 503, when the server says", async () => {
    const server = await testServer((_, response, count) => {
      if (count > 1) return response.end("ok");
      response.writeHead(503, { "retry-after": "2" }).end();
    });
    const { clock, pauses } = quickClock();
    await call({ url: server.url, method: "GET", ...own() }, { context: { clock } });
    expect(pauses).toEqual([2000]);
  });

  it("until it has been sent four times; then another attempt may help", async () => {
    const server = await testServer((_, response) => drop(response));
    const { clock } = quickClock();
    const error = await failureOf(call({ url: `${server.url}/a`, method: "GET", ...own() }, { context: { clock } }));
    expect([error.code, error.recoverable, server.got.length]).toEqual(["Unavailable", true, 4]);
    expect(error.message).toMatch(/^GET http:.*\/a: ECONNRESET$/);
  });

  it("not beyond the deadline", async () => {
    const server = await testServer((_, response) => response.writeHead(429, { "retry-after": "60" }).end());
    const { clock } = quickClock();
    const error = await failureOf(call({ url: server.url, ...own() }, { context: { clock } }));
    expect([error.code, error.retryAfterMs, server.got.length]).toEqual(["Throttled", 60_000, 1]);
  });
});

describe("a POST without a key", () => {
  it("is sent once when its answer is lost", async () => {
    const server = await testServer((_, response) => drop(response));
    const error = await failureOf(call({ url: server.url, ...own() }));
    expect([error.code, error.recoverable, server.got.length]).toEqual(["TaskFailed", false, 1]);
    expect(error.message).toMatch(/it may have been done/);
  });

  it("is sent again where nothing could have arrived, and after 429", async () => {
    const server = await testServer();
    await server.stop();
    const { clock, pauses } = quickClock();
    const error = await failureOf(call({ url: server.url, ...own() }, { context: { clock } }));
    expect([error.code, error.recoverable, pauses.length]).toEqual(["Unavailable", true, 3]);

    const busy = await testServer((_, response, count) =>
      count > 1 ? response.end("ok") : response.writeHead(429).end(),
    );
    const second = quickClock();
    expect((await call({ url: busy.url, ...own() }, { context: { clock: second.clock } })).phase).toBe("SUCCEEDED");
  });

  it("fails at once where no attempt can help", async () => {
    const custom = { url: "http://no-such-host.invalid/", ...own() };
    const server = await testServer();
    const tls = { url: server.url.replace("http:", "https:"), ...own() };
    for (const one of [custom, tls]) expect((await failureOf(call(one))).recoverable).toBe(false);
  });
});

it.each([
  ["GET", own(), true],
  ["PUT", own(), true],
  ["POST", keyed, true],
  ["POST", own(), false],
  ["PATCH", own(), false],
  ["POST", {}, false],
])("%s (%o) may be sent again by another process: %s", (method, more, repeatable) => {
  const template = templateOf({ type: "webhook", custom: { url: "https://a.example/", method, ...more } });
  expect(new HttpConnector().repeatable(createContext(template, {}))).toBe(repeatable);
});

describe("the deadline", () => {
  it.each([
    ["GET", own(), "Unavailable"],
    ["POST", keyed, "Unavailable"],
    ["POST", own(), "TaskFailed"],
  ])("ends a %s that hangs (%o)", async (method, custom, code) => {
    const { clock, pass } = deadlineClock();
    const server = await testServer(() => pass());
    const error = await failureOf(call({ url: server.url, method, timeout_sec: 3, ...custom }, { context: { clock } }));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/had no answer within 3 s/);
  });

  it("ends an answer that never ends", async () => {
    const { clock, pass } = deadlineClock();
    const server = await testServer((_, response) => {
      response.write("half");
      pass();
    });
    const error = await failureOf(call({ url: server.url, method: "GET", ...own() }, { context: { clock } }));
    expect(error.code).toBe("Unavailable");
  });

  it("of the call ends the request", async () => {
    const stop = new AbortController();
    const server = await testServer(() => stop.abort(new Error("the caller left")));
    const error = await failureOf(
      call({ url: server.url, method: "GET", ...own() }, { context: { signal: stop.signal } }),
    );
    expect([error.code, error.recoverable]).toEqual(["Unavailable", true]);
    expect(server.got).toHaveLength(1);
  });
});
