import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { type Types, t } from "@flyte-ts/core";
import {
  type CreateContext,
  FlyteContext,
  FlyteError,
  LiteralMap,
  localTaskContext,
  type Resource,
  Secret,
  silentLog,
  systemClock,
  TaskTemplate,
} from "@flyte-ts/core/plugin";
import { afterAll } from "vitest";
import { HttpConnector } from "../src/connector.ts";

/** A request as the server got it. */
export interface Got {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server on loopback that answers as each test says. */
export interface TestServer {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly port: number;
  /** The requests that came, oldest first. */
  readonly got: Got[];
  stop(): Promise<void>;
}

type Answer = (request: Got, response: ServerResponse, count: number) => void;

/** Starts a server; it stops after the file's tests. */
export async function testServer(answer: Answer = (_, response) => response.end("ok")): Promise<TestServer> {
  const got: Got[] = [];
  const server: Server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const one = { method, url, headers, body: Buffer.concat(chunks).toString() };
      got.push(one);
      answer(one, response, got.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  afterAll(stop);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, got, stop };
}

/** What a call is made of, besides its template. */
export interface CallParts {
  readonly inputs?: Types;
  readonly outputs?: Types;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly connector?: HttpConnector;
  readonly context?: Partial<CreateContext>;
}

/** The template of a webhook with a `custom`. */
function templateOf(custom: object, { inputs = {}, outputs = { info: t.json } }: CallParts = {}): TaskTemplate {
  const variables = (types: Types) => ({
    variables: Object.fromEntries(
      Object.entries(types).map(([name, { literalType }]) => [name, { type: literalType }]),
    ),
  });
  const template = TaskTemplate.create({
    type: "webhook",
    interface: { inputs: variables(inputs), outputs: variables(outputs) },
  });
  return { ...template, custom: JSON.parse(JSON.stringify(custom)) };
}

/** Runs a webhook by a connector that may reach loopback, and send its secrets there. */
export async function call(custom: object, parts: CallParts = {}): Promise<Resource> {
  const own = { allow: ["127.0.0.0/8", "localhost"], local: true, random: () => 0 };
  const connector = parts.connector ?? new HttpConnector(own);
  return connector.do(await contextOf(templateOf(custom, parts), parts));
}

/** The context of a call. */
async function contextOf(template: TaskTemplate, parts: CallParts = {}): Promise<CreateContext> {
  const { inputs = {}, values = {}, secrets = {}, signal = new AbortController().signal } = parts;
  const { storage, datasets, types } = FlyteContext.default();
  const local = await localTaskContext({ task: "test" });
  const literals = await Promise.all(
    Object.entries(inputs).map(async ([name, type]) => [name, await type.toLiteral(values[name], local)] as const),
  );
  return {
    category: { name: "webhook", version: 0 },
    outputPrefix: "/nowhere",
    secrets: {
      async get({ key }) {
        const found = secrets[key];
        if (found === undefined) throw new FlyteError("NotFound", `no secret "${key}"`);
        return new Secret(found);
      },
    },
    signal,
    clock: systemClock,
    log: silentLog,
    storage,
    datasets,
    types,
    template,
    inputs: LiteralMap.create({ literals: Object.fromEntries(literals) }),
    nativeInputs: async () => values,
    idempotencyKey: "ab".repeat(32),
    nodeKey: "cd".repeat(32),
    attempt: 0,
    metadata: {
      project: "p",
      domain: "d",
      execution: "e",
      node: "n",
      namespace: "p-d",
      labels: {},
      annotations: {},
      serviceAccount: "",
      environment: {},
      user: "",
    },
    ...parts.context,
  };
}

/** What a call fails with. */
export async function failureOf(promise: Promise<unknown>): Promise<FlyteError> {
  const result = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("error" in result && FlyteError.is(result.error)) return result.error;
  throw new Error(`no FlyteError, but ${JSON.stringify(result)}`);
}
