import type { FlyteError, Log } from "@flyte-ts/core/plugin";
import type { GrpcCall } from "../grpc/grpc-call.ts";
import type { CallHandler } from "../grpc/grpc-server.ts";
import type { ServiceMetrics } from "../metrics/service-metrics.ts";
import type { Span, Tracing } from "../tracing/tracing.ts";
import type { BearerTokens } from "./bearer-tokens.ts";
import { type Failure, failureOf, unauthenticated } from "./failure.ts";
import { Rpc, rpcLog } from "./rpc.ts";

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
 * Stands between the server and what answers: counts, times, logs and traces calls, checks their tokens, and knows which
 * ones are under way.
 */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #running = new Set<Rpc>();
  readonly #idPrefix = Math.random().toString(36).slice(2, 8);
  readonly #nextId = (): string => `${this.#idPrefix}-${(this.#ids++).toString(36)}`;
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

  /** True for a call that may go on; any other is ended with the reason. */
  admits(call: GrpcCall): boolean {
    const { tokens } = this.#parts;
    if (tokens === undefined || tokens.accepts(call.header("authorization"))) return true;
    call.fail(unauthenticated);
    return false;
  }

  unary(operation: string, answer: AnswerOne): CallHandler {
    return (call) =>
      call.readOne((request) => {
        const begun = this.#begin(call, operation);
        if (begun === undefined) return;
        const { rpc, span } = begun;
        answer(request, rpc).then(
          (bytes) => {
            this.#end(rpc, span, undefined);
            call.answer(bytes);
          },
          (error: unknown) => call.fail(this.#fail(rpc, span, error)),
        );
      });
  }

  serverStream(operation: string, answer: AnswerMany): CallHandler {
    return (call) => call.readOne((request) => this.#stream(call, operation, (rpc) => answer(request, rpc)));
  }

  bidiStream(operation: string, answer: AnswerStream): CallHandler {
    return (call) => this.#stream(call, operation, (rpc) => answer(call.requests(), rpc));
  }

  #stream(call: GrpcCall, operation: string, answer: (rpc: Rpc) => AsyncIterable<Uint8Array>): void {
    const begun = this.#begin(call, operation);
    if (begun === undefined) return;
    const { rpc, span } = begun;
    const send = async (): Promise<void> => {
      for await (const message of answer(rpc)) {
        if (rpc.reason !== undefined) throw rpc.reason;
        if (!call.write(message)) await call.drained();
      }
    };
    send().then(
      () => {
        this.#end(rpc, span, undefined);
        call.finish();
      },
      (error: unknown) => call.fail(this.#fail(rpc, span, error)),
    );
  }

  #begin(call: GrpcCall, operation: string): Begun | undefined {
    const rpc = new Rpc(call, operation, this.#nextId);
    const { tracing, metrics, log } = this.#parts;
    if (!this.admits(call)) {
      metrics.failed(rpc, unauthenticated.httpCode);
      rpcLog(log, rpc).warn("a call without a token that is known here", { path: rpc.path });
      return undefined;
    }
    this.#running.add(rpc);
    return { rpc, span: tracing?.start(rpc) };
  }

  #end(rpc: Rpc, span: Span | undefined, failure: Failure | undefined): void {
    this.#running.delete(rpc);
    const { metrics } = this.#parts;
    if (failure === undefined) metrics.succeeded(rpc);
    else metrics.failed(rpc, failure.httpCode);
    span?.end(rpc, failure);
    if (this.#running.size === 0) this.#idle?.();
  }

  #fail(rpc: Rpc, span: Span | undefined, thrown: unknown): Failure {
    const failure = failureOf(thrown, rpc.operation, rpc.taskType, rpc.reason);
    this.#end(rpc, span, failure);
    const log = rpcLog(this.#parts.log, rpc);
    const fields = { path: rpc.path, code: failure.code, ms: Math.round(performance.now() - rpc.startedAt) };
    if (failure.httpCode === 500) log.error(failure.message, { ...fields, stack: stackOf(thrown) });
    else log.warn(failure.message, fields);
    return failure;
  }
}

interface Begun {
  readonly rpc: Rpc;
  readonly span: Span | undefined;
}

const stackOf = (thrown: unknown): string | undefined => (thrown instanceof Error ? thrown.stack : undefined);
