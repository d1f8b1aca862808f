import { type ClientHttp2Session, connect } from "node:http2";
import { createServer } from "node:net";
import { onTestFinished } from "vitest";
import { GrpcServer, type GrpcServerOptions } from "../src/grpc/grpc-server.ts";

/** A server of one's own: `/t/Echo` answers a message with itself, `/t/EchoAll` each of many. */
export async function serving(options: Partial<GrpcServerOptions> = {}) {
  const server = new GrpcServer({ maxMessageBytes: 100_000, keepaliveMs: 60_000, maxConnectionAgeMs: 0, ...options });
  server.handle("/t/Echo", (call) => call.readOne((message) => call.answer(message)));
  server.handle("/t/EchoAll", (call) => {
    (async () => {
      for await (const message of call.requests()) if (!call.write(message)) await call.drained();
      call.finish();
    })().catch((error: unknown) => call.refuse(error));
  });
  let connections = 0;
  const listener = createServer((socket) => {
    connections += 1;
    socket.once("close", () => {
      connections -= 1;
    });
    server.connect(socket);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  onTestFinished(() => {
    server.destroy();
    listener.close();
  });
  return { server, port, connections: () => connections };
}

/** What came back of a request. */
export interface Answer {
  readonly http: number | undefined;
  readonly grpc: number | undefined;
  readonly message: string;
  readonly body: Buffer;
  readonly reset: number | undefined;
}

/** A connection of HTTP/2. */
export async function connected(port: number): Promise<ClientHttp2Session> {
  const session = connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => session.destroy());
  await new Promise((resolve) => session.once("connect", resolve));
  return session;
}

/** Sends pieces of a body, and ends it unless told not to. */
export function send(
  session: ClientHttp2Session,
  pieces: readonly Uint8Array[],
  {
    path = "/t/Echo",
    headers = {},
    end = true,
  }: { path?: string; headers?: Record<string, string>; end?: boolean } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    let all: Record<string, unknown> = {};
    const body: Buffer[] = [];
    stream.on("response", (given) => {
      all = { ...all, ...given };
    });
    stream.on("trailers", (given) => {
      all = { ...all, ...given };
    });
    stream.on("data", (piece: Buffer) => body.push(piece));
    stream.on("error", reject);
    stream.on("close", () =>
      resolve({
        http: all[":status"] as number | undefined,
        grpc: all["grpc-status"] === undefined ? undefined : Number(all["grpc-status"]),
        message: decodeURIComponent(String(all["grpc-message"] ?? "")),
        body: Buffer.concat(body),
        reset: stream.rstCode,
      }),
    );
    for (const piece of pieces) stream.write(piece);
    if (end) stream.end();
  });
}

/** A text's bytes. */
export const bytes = (text: string): Buffer => Buffer.from(text);
