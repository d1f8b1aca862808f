import { type NativeOf, t } from "@flyte-ts/core";
import { describe, expect, expectTypeOf, it } from "vitest";
import { httpTask } from "../src/index.ts";

const settings = { project: "p", domain: "d", version: "v", module: "" };

describe("a task", () => {
  it("says what flytekit's says", () => {
    const task = httpTask({
      name: "notify",
      url: "https://hooks.example/{inputs.channel}",
      inputs: { channel: t.string, text: t.string },
      headers: { "X-A": "b" },
      body: { text: "{inputs.text}" },
      showData: true,
      requestTimeout: 3000,
    });
    const template = task.template(settings);
    expect(template.type).toBe("webhook");
    expect(template.target.case).toBeUndefined();
    expect(template.custom).toMatchObject({
      url: "https://hooks.example/{inputs.channel}",
      method: "POST",
      headers: { "X-A": "b" },
      data: { text: "{inputs.text}" },
      show_data: true,
      show_url: false,
      timeout_sec: 3,
    });
    expect(Object.keys(template.interface?.outputs?.variables ?? {})).toEqual(["info"]);
  });

  it("puts the query of a GET where flytekit has it", () => {
    const { custom } = httpTask({ name: "get", method: "GET", url: "https://a.example/", query: { q: 1 } }).template(
      settings,
    );
    expect(custom).toMatchObject({ method: "GET", data: { q: 1 } });
  });

  it("names secrets, and holds none", () => {
    const secretHeaders = { Authorization: { group: "slack", key: "token", prefix: "Bearer " } };
    const { custom } = httpTask({ name: "a", url: "https://a.example/", secretHeaders }).template(settings);
    expect(custom).toMatchObject({ flyte_ts: { secret_headers: secretHeaders } });
  });

  it("has outputs of the types that are declared", () => {
    const typed = httpTask({ name: "a", url: "https://a.example/", output: t.object({ id: t.int }) });
    expectTypeOf<NativeOf<typeof typed.outputs.body>>().toEqualTypeOf<{ id: number }>();
    expect(Object.keys(typed.outputs)).toEqual(["status", "body"]);
    const text = httpTask({ name: "b", url: "https://a.example/", output: "text" });
    expectTypeOf<NativeOf<typeof text.outputs.body>>().toEqualTypeOf<string>();
    expect(Object.keys(httpTask({ name: "c", url: "https://a.example/", output: "status" }).outputs)).toEqual([
      "status",
    ]);
  });
});

describe("a wrong definition names the task and the place", () => {
  const x = { x: t.string };
  it.each([
    [
      "an unknown input",
      { url: "https://a.example/{inputs.y}", inputs: x },
      "{inputs.y} names no input; its inputs are x",
    ],
    [
      "another name",
      { url: "https://a.example/{input.x}", inputs: x },
      "{input.x} names nothing; an input is written {inputs.name}",
    ],
    [
      "an input that is not used",
      { inputs: x },
      "inputs.x: the request does not use it; write {inputs.x} or remove it",
    ],
    ["no URL", { url: "a.example" }, 'url is "a.example"; it must be a URL that begins with http:// or https://'],
    [
      "a password",
      { url: "https://u:p@a.example/" },
      'url is "one with a password"; it must be without: use secretHeaders',
    ],
    ["a header", { headers: { "A B": "c" } }, '"A B" is no header\'s name: letters, digits and - only'],
    ["a body of GET", { method: "GET" as const, body: {} }, "body is {}; it must be left out: GET has none; use query"],
    [
      "a status",
      { expect: "ok" },
      'expect is "ok"; it must be a status such as 204, or a range such as "2xx" or "200-204"',
    ],
    [
      "a size",
      { maxResponseBytes: 2 ** 40 },
      "maxResponseBytes is 1099511627776; it must be above 0, and no more than 33554432",
    ],
    [
      "a status that is none",
      { expect: [204, "600-700"] },
      'expect is "600-700"; it must be a status such as 204, or a range such as "2xx" or "200-204"',
    ],
    [
      "a range that ends before it begins",
      { expect: "204-200" },
      'expect is "204-200"; it must be a status such as 204, or a range such as "2xx" or "200-204"',
    ],
    [
      "no status",
      { expect: [] },
      'expect is []; it must be a status such as 204, or a range such as "2xx" or "200-204"',
    ],
    ["too many redirects", { maxRedirects: 21 }, "maxRedirects is 21; it must be a whole number from 0 to 20"],
    [
      "a secret that is a path",
      { secretHeaders: { A: { group: "x", key: "../../token" } } },
      'secretHeaders.A: "../../token" is no name, but a path',
    ],
    ["a deadline", { requestTimeout: -1 }, "requestTimeout is -1; it must be a number of milliseconds above 0"],
    [
      "a deadline of more than a day",
      { requestTimeout: 86_400_001 },
      "requestTimeout is 86400001; it must be a number of milliseconds above 0, and no more than 86400000",
    ],
    ["an unknown option", { header: { a: "b" } }, "header is no option; did you mean headers?"],
    ["a header that is no text", { headers: { a: 5 } as never }, "headers.a is 5; it must be a string"],
    ["headers that are none", { headers: null as never }, "headers is null; it must be an object, header → value"],
    ["a query that is a text", { query: "a=b" as never }, 'query is "a=b"; it must be an object, name → value'],
    ["a switch", { showData: "no" as never }, 'showData is "no"; it must be true or false'],
  ])("%s", (_, options, message) => {
    expect(() => httpTask({ name: "wrong", url: "https://a.example/", ...options })).toThrow(`task wrong: ${message}`);
  });
});
