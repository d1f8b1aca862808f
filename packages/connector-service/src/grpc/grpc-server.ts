import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import { GrpcCall } from "./grpc-call.ts";
import { StatusError, status } from "./status.ts";

/** Answers a call, or sees to it that somebody does. */
export type CallHandler = (call: GrpcCall) => void;

/** The sizes and times of a server. */
export interface GrpcServerOptions {
  /** The most bytes of a message of a client's. */
  readonly maxMessageBytes: number;
  /** Milliseconds between the pings that find clients that are gone. */
  readonly keepaliveMs: number;
  /** Milliseconds after which a connection is ended gracefully; 0 for never. */
  readonly maxConnectionAgeMs: number;
  /** Certificate and key; without them, no TLS. */
  readonly tls?: SecureServerOptions | undefined;
}

/** How long a client has to answer a ping, in milliseconds. */
const pongMs = 20_000;

/** How many calls a connection may have under way. */
const maxStreams = 10_000;

/**
 * How many calls a client may cancel at once, and a second from then on; one that cancels more loses its connection. Node's
 * own 1000 and 33 are met by a platform whose polls run out of time together, and the calls beside them would be lost.
 */
const cancelled = { streamResetBurst: maxStreams, streamResetRate: 1000 };

/**
 * Speaks gRPC on connections that it is given: HTTP/2 is Node's, calls are found by their path.
 *
 * It stands in the place of grpc-js's server, which takes 1.5 times as much processor time as the HTTP/2 below both for a
 * call that does nothing: more than all that most calls here do besides, since a platform asks for each job every few
 * seconds. Requests may be compressed, answers are not; trailers carry the status alone.
 */
export class GrpcServer {
  readonly #options: GrpcServerOptions;
  readonly #handlers = new Map<string, CallHandler>();
  readonly #http2: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #sockets = new Set<Socket>();
  /** The connection of the session that is opened now. */
  #accepted: Socket | undefined;
  #closing = false;

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    const settings = {
      settings: { maxConcurrentStreams: maxStreams },
      maxSessionMemory: Number.MAX_SAFE_INTEGER,
      ...cancelled,
    };
    this.#http2 =
      options.tls === undefined ? createServer(settings) : createSecureServer({ ...options.tls, ...settings });
    // ahead of Node's own listener, which opens the session there and then
    this.#http2.prependListener(options.tls === undefined ? "connection" : "secureConnection", (socket: Socket) => {
      this.#accepted = socket;
    });
    this.#http2.on("session", (session) => this.#open(session));
    this.#http2.on("stream", (stream, headers) => this.#call(stream, headers));
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** @param path `/flyteidl.service.AsyncAgentService/GetTask`. */
  handle(path: string, handler: CallHandler): void {
    this.#handlers.set(path, handler);
  }

  /** Serves a connection that somebody has accepted. */
  connect(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    this.#http2.emit("connection", socket);
  }

  /**
   * Tells clients to go elsewhere with what they have not sent yet, by the number of the last call that was taken; each
   * connection ends with its last call.
   */
  goAway(): void {
    this.#closing = true;
    for (const session of this.#sessions) session.close();
  }

  /** Ends all connections at once. */
  destroy(): void {
    this.#closing = true;
    for (const session of this.#sessions) session.destroy();
    // those that shake hands yet, and those whose client does not end its half
    for (const socket of this.#sockets) socket.destroy();
  }

  #open(session: ServerHttp2Session): void {
    const { keepaliveMs, maxConnectionAgeMs } = this.#options;
    this.#sessions.add(session);
    const socket = this.#accepted;
    this.#accepted = undefined;
    let saidGoodbye = false;
    const look = (): void => {
      if (!session.destroyed) ping(session);
      // it has ended, and its client has had all the time since the last look to end its half, too
      else if (saidGoodbye) socket?.destroy();
      else saidGoodbye = true;
    };
    const keepalive = setInterval(look, keepaliveMs).unref();
    // not all at once, where they were opened so
    const ageMs = maxConnectionAgeMs * (0.9 + Math.random() / 5);
    const age = maxConnectionAgeMs === 0 ? undefined : setTimeout(() => session.close(), ageMs).unref();
    session.once("close", () => {
      clearInterval(keepalive);
      clearTimeout(age);
      this.#sessions.delete(session);
    });
    if (this.#closing) session.close();
  }

  #call(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const type = headers["content-type"];
    if (headers[":method"] !== "POST" || type === undefined || !/^application\/grpc($|[+;])/.test(type)) {
      stream.on("error", () => {});
      if (stream.destroyed || stream.closed) return;
      stream.respond({ ":status": headers[":method"] === "POST" ? 415 : 405 }, { endStream: true });
      stream.close();
      return;
    }
    const call = new GrpcCall(stream, headers, this.#options.maxMessageBytes);
    const handler = this.#handlers.get(call.path);
    try {
      if (handler === undefined) throw new StatusError(status.UNIMPLEMENTED, `there is no method ${call.path} here`);
      call.watchDeadline();
      handler(call);
    } catch (error) {
      call.refuse(error);
    }
  }
}

/** Ends a session whose client does not answer. */
function ping(session: ServerHttp2Session): void {
  const silent = setTimeout(() => session.destroy(), pongMs).unref();
  const sent = session.ping((error) => {
    clearTimeout(silent);
    if (error !== null) session.destroy();
  });
  if (!sent) clearTimeout(silent);
}
