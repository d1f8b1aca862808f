import type { FlyteError, Log } from "@flyte-ts/core/plugin";
import type {
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  ServiceDefinition,
  ServiceError,
} from "@grpc/grpc-js";
import type { ServiceMetrics } from "../metrics/service-metrics.ts";
import type { Span, Tracing } from "../tracing/tracing.ts";
import type { BearerTokens } from "./bearer-tokens.ts";
import { type Failure, failureOf, serviceError, unauthenticated } from "./failure.ts";
import { type GrpcCall, Rpc, rpcLog } from "./rpc.ts";

/** Answers a call with one message. */
export type AnswerOne = (request: Buffer, rpc: Rpc) => Promise<Uint8Array>;
/** Answers a call with messages, one after the other. */
export type AnswerMany = (request: Buffer, rpc: Rpc) => AsyncIterable<Uint8Array>;
/** Answers a stream of messages. */
export type AnswerStream = (requests: AsyncIterable<Buffer>, rpc: Rpc) => AsyncIterable<Uint8Array>;

/** What surrounds every call. */
export interface DispatcherParts {
  readonly log: Log;
  readonly metrics: ServiceMetrics;
  readonly tracing: Tracing | undefined;
  readonly tokens: BearerTokens | undefined;
}

/**
 * Stands between grpc-js and what answers: counts, times, logs and traces calls, checks their tokens, and knows which ones
 * are under way.
 */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #running = new Set<Rpc>();
  readonly #idPrefix = Math.random().toString(36).slice(2, 8);
  #ids = 0;
  #idle: (() => void) | undefined;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  /** How many calls are under way. */
  get running(): number {
    return this.#running.size;
  }

  /** Resolves when no call is under way. */
  async idle(): Promise<void> {
    if (this.#running.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  /** Ends the signals of all calls. */
  abortAll(reason: FlyteError): void {
    for (const rpc of this.#running) rpc.abort(reason);
  }

  /** True for a stream that may go on; any other is ended with the reason. */
  admits(call: StreamCall): boolean {
    const { tokens } = this.#parts;
    const [authorization] = call.metadata.get("authorization");
    if (tokens === undefined || tokens.accepts(authorization?.toString())) return true;
    call.emit("error", serviceError(unauthenticated));
    return false;
  }

  unary(path: string, operation: string, answer: AnswerOne): handleUnaryCall<Buffer, Uint8Array> {
    return (call, callback) => {
      const begun = this.#begin(call, path, operation);
      if ("failure" in begun) return callback(serviceError(begun.failure));
      const { rpc, span } = begun;
      answer(call.request, rpc).then(
        (bytes) => {
          this.#end(rpc, span, undefined);
          callback(null, bytes);
        },
        (error: unknown) => callback(this.#fail(rpc, span, error)),
      );
    };
  }

  serverStream(path: string, operation: string, answer: AnswerMany): handleServerStreamingCall<Buffer, Uint8Array> {
    return (call) => {
      this.#stream(call, path, operation, (rpc) => answer(call.request, rpc));
    };
  }

  bidiStream(path: string, operation: string, answer: AnswerStream): handleBidiStreamingCall<Buffer, Uint8Array> {
    return (call) => {
      this.#stream(call, path, operation, (rpc) => answer(call as AsyncIterable<Buffer>, rpc));
    };
  }

  #stream(call: StreamCall, path: string, operation: string, answer: (rpc: Rpc) => AsyncIterable<Uint8Array>): void {
    const begun = this.#begin(call, path, operation);
    if ("failure" in begun) {
      call.emit("error", serviceError(begun.failure));
      return;
    }
    const { rpc, span } = begun;
    const send = async (): Promise<void> => {
      for await (const message of answer(rpc)) {
        if (rpc.reason !== undefined) throw rpc.reason;
        if (!call.write(message)) await drained(call, rpc);
      }
    };
    send().then(
      () => {
        this.#end(rpc, span, undefined);
        call.end();
      },
      (error: unknown) => call.emit("error", this.#fail(rpc, span, error)),
    );
  }

  #begin(call: GrpcCall, path: string, operation: string): Begun {
    const rpc = new Rpc(call, path, operation, () => `${this.#idPrefix}-${(this.#ids++).toString(36)}`);
    const { tokens, tracing, metrics, log } = this.#parts;
    if (tokens !== undefined && !tokens.accepts(rpc.header("authorization"))) {
      metrics.failed(rpc, unauthenticated.httpCode);
      rpcLog(log, rpc).warn("a call without a token that is known here", { path });
      return { failure: unauthenticated };
    }
    this.#running.add(rpc);
    return { rpc, span: tracing?.start(rpc) };
  }

  #end(rpc: Rpc, span: Span | undefined, failure: Failure | undefined): void {
    rpc.end();
    this.#running.delete(rpc);
    const { metrics } = this.#parts;
    if (failure === undefined) metrics.succeeded(rpc);
    else metrics.failed(rpc, failure.httpCode);
    span?.end(rpc, failure);
    if (this.#running.size === 0) this.#idle?.();
  }

  #fail(rpc: Rpc, span: Span | undefined, thrown: unknown): Partial<ServiceError> {
    const failure = failureOf(thrown, rpc.operation, rpc.taskType, rpc.reason);
    this.#end(rpc, span, failure);
    const log = rpcLog(this.#parts.log, rpc);
    const fields = { path: rpc.path, code: failure.code, ms: Math.round(performance.now() - rpc.startedAt) };
    if (failure.httpCode === 500) log.error(failure.message, { ...fields, stack: stackOf(thrown) });
    else log.warn(failure.message, fields);
    return serviceError(failure);
  }
}

/** The methods of a service whose messages are bytes on both sides. */
export function byteService(
  name: string,
  methods: Readonly<Record<string, { readonly requestStream?: boolean; readonly responseStream?: boolean }>>,
): ServiceDefinition {
  const entries = Object.entries(methods).map(([method, { requestStream = false, responseStream = false }]) => [
    method,
    {
      path: `/${name}/${method}`,
      originalName: method,
      requestStream,
      responseStream,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asBuffer,
      responseDeserialize: asIs,
    },
  ]);
  return Object.fromEntries(entries) as ServiceDefinition;
}

type Begun = { readonly rpc: Rpc; readonly span: Span | undefined } | { readonly failure: Failure };

/** Of a stream of grpc-js, what answers need. */
export interface StreamCall extends GrpcCall {
  write(message: Uint8Array): boolean;
  end(): unknown;
  emit(event: "error", error: Partial<ServiceError>): boolean;
  once(event: "drain", listener: () => void): unknown;
}

const asIs = (bytes: Buffer): Buffer => bytes;

/** grpc-js sends buffers alone. */
const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A client that reads slowly holds the stream up, one that has gone away ends it. */
function drained(call: StreamCall, rpc: Rpc): Promise<void> {
  return new Promise((resolve, reject) => {
    call.once("drain", resolve);
    rpc.signal.addEventListener("abort", () => reject(rpc.reason), { once: true });
  });
}

const stackOf = (thrown: unknown): string | undefined => (thrown instanceof Error ? thrown.stack : undefined);
