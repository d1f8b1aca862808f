import { FlyteError, type HostCall, type Log } from "@flyte-ts/core/plugin";
import type { GrpcCall } from "../grpc/grpc-call.ts";

/**
 * What a call is about, for metrics, logs and traces; its handler fills in the task type as soon as it knows it. To a host
 * it is who waits, and how long.
 */
export class Rpc implements HostCall {
  /** flytekit's word: `create`, `get`, `delete`, `do`; of our own: `metrics`, `logs`, `describe`. */
  readonly operation: string;
  /** By `performance.now()`. */
  readonly startedAt: number;
  taskType = "";
  /** The size of the inputs, where the call has any. */
  inputBytes: number | undefined;
  readonly #call: GrpcCall;
  readonly #nextId: () => string;
  #id: string | undefined;
  #abort: AbortController | undefined;
  #reason: FlyteError | undefined;

  constructor(call: GrpcCall, operation: string, nextId: () => string) {
    this.operation = operation;
    this.startedAt = performance.now();
    this.#call = call;
    this.#nextId = nextId;
    call.onCancelled = () => this.abort(this.#isLate() ? late() : gone());
  }

  /** `/flyteidl.service.AsyncAgentService/GetTask`. */
  get path(): string {
    return this.#call.path;
  }

  /** Milliseconds until the caller gives up; undefined where it does not say. */
  get deadlineMs(): number | undefined {
    const { deadline } = this.#call;
    return deadline === undefined ? undefined : Math.max(0, deadline - Date.now());
  }

  /** Aborted by the call's deadline, by its client, and by a shutdown that does not wait any longer. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#reason !== undefined) this.#abort.abort(this.#reason);
    }
    return this.#abort.signal;
  }

  /** Why the call was ended from outside, if it was. */
  get reason(): FlyteError | undefined {
    return this.#reason;
  }

  /** The header `x-request-id`, if the client sends a sound one, else one of ours. */
  get id(): string {
    if (this.#id === undefined) {
      const given = this.header("x-request-id");
      this.#id = given !== undefined && /^[\w.:/+=-]{1,128}$/.test(given) ? given : this.#nextId();
    }
    return this.#id;
  }

  /** A header's first value. */
  header(name: string): string | undefined {
    return this.#call.header(name);
  }

  /** Ends the call's signal; the first reason stays. */
  abort(reason: FlyteError): void {
    this.#reason ??= reason;
    this.#abort?.abort(reason);
  }

  #isLate(): boolean {
    // timers may fire a little before the clock says so
    return this.#call.deadline !== undefined && Date.now() >= this.#call.deadline - 5;
  }
}

/** A log whose lines carry a call's id and task type. */
export function rpcLog(log: Log, rpc: Rpc): Log {
  const fields = (more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> => ({
    requestId: rpc.id,
    operation: rpc.operation,
    taskType: rpc.taskType,
    ...more,
  });
  return {
    debug: (message, more) => log.debug(message, fields(more)),
    info: (message, more) => log.info(message, fields(more)),
    warn: (message, more) => log.warn(message, fields(more)),
    error: (message, more) => log.error(message, fields(more)),
  };
}

const late = (): FlyteError => new FlyteError("Timeout", "the call's deadline passed");
const gone = (): FlyteError => new FlyteError("Cancelled", "the client cancelled the call");
