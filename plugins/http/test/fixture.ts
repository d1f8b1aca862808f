import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { type Types, t } from "@flyte-ts/core";
import type { Resource } from "@flyte-ts/core/plugin";
import { type CallChanges, createContext, literalsOf, templateOf } from "@flyte-ts/core/testing";
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
  readonly connector?: HttpConnector;
  readonly context?: CallChanges;
}

/** Runs a webhook by a connector that may reach loopback, and send its secrets there. */
export async function call(custom: object, parts: CallParts = {}): Promise<Resource> {
  const own = { allow: ["127.0.0.0/8", "localhost"], local: true, random: () => 0 };
  const { inputs = {}, outputs = { info: t.json }, values = {}, secrets = {}, context } = parts;
  const { connector = new HttpConnector(own) } = parts;
  const template = templateOf({ type: "webhook", inputs, outputs, custom });
  const given = { inputs: await literalsOf(inputs, values), secrets, idempotencyKey: "ab".repeat(32) };
  return connector.do(createContext(template, { ...given, ...context }));
}
