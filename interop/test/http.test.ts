import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { t } from "@flyte-ts/core";
import {
  ConnectorHost,
  ConnectorRegistry,
  type JobAnswer,
  LiteralMap,
  localTaskContext,
  TaskTemplate,
} from "@flyte-ts/core/plugin";
import manifest from "@flyte-ts/http/plugin";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { attemptOf } from "../src/connectors/task-request.ts";
import { callPython } from "../src/python.ts";

/** A webhook task of flytekit's (its arguments), and what it is called with. */
interface Asked {
  readonly task: Readonly<Record<string, unknown>>;
  /** Python expressions. */
  readonly types?: Readonly<Record<string, string>>;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

/** What flytekit's connector made of it. */
interface FlytekitAnswer {
  readonly template: string;
  readonly inputs: string;
  readonly phase: number;
  readonly outputs: { readonly info: unknown } | null;
  readonly message: string;
}

/** A request as the server got it, less what names the client. */
interface Got {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
  readonly custom: string | undefined;
  readonly type: string | undefined;
}

const got: Got[] = [];
let server: Server;
let url: string;
let host: ConnectorHost;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const body = (await request.setEncoding("utf8").toArray()).join("");
    const { "x-custom": custom, "content-type": type } = request.headers;
    const { method = "", url: asked = "" } = request;
    // a template's map has no order
    const path = asked.replace(/(?<=\?).*/, (query) => query.split("&").sort().join("&"));
    got.push({ method, url: path, body: body === "" ? "" : JSON.parse(body), custom: custom?.toString(), type });
    const status = Number(/^\/status\/(\d+)/.exec(path)?.[1] ?? 200);
    if (path.startsWith("/hang")) return;
    if (status === 302) response.setHeader("location", "/elsewhere");
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`{"said": "${status} é"}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubEnv("FLYTE_TS_HTTP_ALLOW", "127.0.0.1");
  const connector = await manifest.provides.connectors?.webhook?.();
  vi.unstubAllEnvs();
  if (connector === undefined) throw new Error("the plugin has no connector for webhook");
  const registry = new ConnectorRegistry();
  registry.register("webhook", connector);
  host = new ConnectorHost({ registry });
});
afterAll(async () => {
  await host.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** The `info` of an answer, as JSON. */
async function infoOf({ outputs }: JobAnswer): Promise<unknown> {
  const literal = outputs?.literals.info;
  if (literal === undefined) return undefined;
  await using context = await localTaskContext({ task: "interop" });
  return t.json.toNative(literal, context);
}

const phases: Readonly<Record<number, string>> = { 3: "SUCCEEDED", 5: "FAILED" };

/** Runs requests by flytekit's connector, then by ours from flytekit's own template and inputs. */
async function both(asked: readonly Asked[]) {
  got.length = 0;
  const theirs = await callPython<FlytekitAnswer[]>(
    "call_webhook",
    asked.map(({ task, types = {}, inputs = {} }) => ({ task, types, inputs })),
  );
  const theirRequests = got.splice(0);
  const ours = [];
  for (const { template, inputs } of theirs) {
    const answer = await host.do(
      attemptOf(TaskTemplate.decode(Buffer.from(template, "base64")), LiteralMap.decode(Buffer.from(inputs, "base64"))),
      { deadlineMs: 10_000 },
    );
    ours.push({ phase: answer.phase, info: await infoOf(answer), message: answer.message });
  }
  return {
    theirs: theirs.map(({ phase, outputs, message }) => ({ phase: phases[phase], info: outputs?.info, message })),
    ours,
    theirRequests,
    ourRequests: got.splice(0),
  };
}

const everything: Pick<Asked, "types" | "inputs"> = {
  types: {
    text: "str",
    whole: "int",
    part: "float",
    yes: "bool",
    at: "datetime.datetime",
    took: "datetime.timedelta",
    none: "typing.Optional[int]",
    list: "typing.List[str]",
    map: "typing.Dict[str, int]",
    json: "dict",
  },
  inputs: {
    text: "it's ☃",
    whole: 2 ** 40,
    part: { float: 5 },
    yes: true,
    at: { at: "2024-02-29T12:30:05.250000+00:00" },
    took: { seconds: 93784.5 },
    none: null,
    list: ["a", "it's"],
    map: { a: 1 },
    json: { deep: [1, null, "é"] },
  },
};
const names = Object.keys(everything.types ?? {});

describe("our webhook connector and flytekit's", () => {
  test("send the same requests, and answer the same", async () => {
    const asked: Asked[] = [
      { task: { url, method: "GET" } },
      {
        task: { url: `${url}/a`, method: "GET", data: { q: "{inputs.q}", n: "1" }, show_data: true, show_url: true },
        types: { q: "str" },
        inputs: { q: "x" },
      },
      {
        task: { url: `${url}/items/{inputs.id}`, data: { id: "{inputs.id}" }, show_url: true },
        types: { id: "int" },
        inputs: { id: 7 },
      },
      { task: { url, headers: { "X-Custom": "<{inputs.text}>" } }, types: { text: "str" }, inputs: { text: "y" } },
      {
        task: { url, data: Object.fromEntries(names.map((name) => [name, `{inputs.${name}}`])), show_data: true },
        ...everything,
      },
      {
        task: { url, data: { text: names.map((name) => `{inputs.${name}}`).join("|") }, show_data: true },
        ...everything,
      },
      { task: { url: "{inputs.url}/whole" }, types: { url: "str" }, inputs: { url } },
    ];
    const { theirs, ours, theirRequests, ourRequests } = await both(asked);
    expect(theirs.map(({ phase, message }) => [phase, message])).toEqual(
      asked.map(() => ["SUCCEEDED", "Webhook was successfully invoked!"]),
    );
    expect(ourRequests).toEqual(theirRequests);
    expect(ours.map(({ phase, info }) => [phase, info])).toEqual(theirs.map(({ phase, info }) => [phase, info]));
  });

  test("fail for the same reasons", async () => {
    const asked: Asked[] = [
      { task: { url: `${url}/status/404` } },
      { task: { url: `${url}/status/500` } },
      { task: { url: `${url}/status/201` } },
      { task: { url: `${url}/status/302`, method: "GET" } },
      { task: { url: `${url}/{inputs.missing}` } },
      { task: { url: `${url}/{input.x}` }, types: { x: "str" }, inputs: { x: "y" } },
      { task: { url: `${url}/hang`, timeout: 1 } },
    ];
    const { theirs, ours, theirRequests, ourRequests } = await both(asked);
    expect(theirs.map(({ phase }) => phase)).toEqual(asked.map(() => "FAILED"));
    expect(ours.map(({ phase }) => phase)).toEqual(asked.map(() => "FAILED"));
    expect(ourRequests).toEqual(theirRequests);
    expect(ours[1]?.message).toContain('{"said": "500 é"}');
  });
});

describe("ours differs where flytekit's is not safe", () => {
  test("a value in the URL stays in its place", async () => {
    const asked = {
      task: { url: `${url}/items/{inputs.id}`, method: "GET" },
      types: { id: "str" },
      inputs: { id: "a/../b?c=1&d" },
    };
    const { theirRequests, ourRequests } = await both([asked]);
    expect(theirRequests.map((one) => one.url)).not.toEqual(["/items/a%2F..%2Fb%3Fc%3D1%26d"]);
    expect(ourRequests.map((one) => one.url)).toEqual(["/items/a%2F..%2Fb%3Fc%3D1%26d"]);
  });

  test("a GET keeps the query of its URL", async () => {
    const { theirRequests, ourRequests } = await both([{ task: { url: `${url}/?a=1`, method: "GET" } }]);
    expect(theirRequests.map((one) => one.url)).toEqual(["/"]);
    expect(ourRequests.map((one) => one.url)).toEqual(["/?a=1"]);
  });

  test("a whole number in the template is one in the query", async () => {
    const { theirRequests, ourRequests } = await both([{ task: { url, method: "GET", data: { n: 1 } } }]);
    expect(theirRequests.map((one) => one.url)).toEqual(["/?n=1.0"]);
    expect(ourRequests.map((one) => one.url)).toEqual(["/?n=1"]);
  });

  test("a GET that meets a fault of the service is repeated, and may be tried again", async () => {
    const { theirs, ours, theirRequests, ourRequests } = await both([
      { task: { url: `${url}/status/503`, method: "GET" } },
    ]);
    expect([theirs[0]?.phase, theirRequests.length]).toEqual(["FAILED", 1]);
    expect([ours[0]?.phase, ourRequests.length]).toEqual(["RETRYABLE_FAILED", 4]);
  });

  test("a private address is refused unless the operator allows it", async () => {
    const { ours, ourRequests } = await both([{ task: { url: "http://127.0.0.2:9/", timeout: 1 } }]);
    expect(ours[0]).toMatchObject({ phase: "FAILED", message: expect.stringContaining("FLYTE_TS_HTTP_ALLOW") });
    expect(ourRequests).toEqual([]);
  });
});
