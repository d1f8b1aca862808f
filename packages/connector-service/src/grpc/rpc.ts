import { FlyteError, type Log } from "@flyte-ts/core/plugin";
import type { Metadata } from "@grpc/grpc-js";

/** Of grpc-js' calls, what all kinds have. */
export interface GrpcCall {
  readonly metadata: Metadata;
  getDeadline(): Date | number;
  on(event: "cancelled", listener: () => void): unknown;
}

/** What a call is about, for metrics, logs and traces; its handler fills in the task type as soon as it knows it. */
export class Rpc {
  /** `/flyteidl.service.AsyncAgentService/GetTask`. */
  readonly path: string;
  /** flytekit's word: `create`, `get`, `delete`, `do`; of our own: `metrics`, `logs`, `describe`. */
  readonly operation: string;
  /** When the call has to be answered, in milliseconds since the epoch; undefined where the client does not say. */
  readonly deadline: number | undefined;
  readonly startedAt: number;
  taskType = "";
  /** The size of the inputs, where the call has any. */
  inputBytes: number | undefined;
  readonly #call: GrpcCall;
  readonly #nextId: () => string;
  #id: string | undefined;
  #abort: AbortController | undefined;
  #reason: FlyteError | undefined;
  #ended = false;

  constructor(call: GrpcCall, path: string, operation: string, nextId: () => string) {
    this.path = path;
    this.operation = operation;
    const deadline = Number(call.getDeadline());
    this.deadline = Number.isFinite(deadline) ? deadline : undefined;
    this.startedAt = performance.now();
    this.#call = call;
    this.#nextId = nextId;
    // grpc-js says so of every call, at its end too
    call.on("cancelled", () => {
      if (!this.#ended) this.abort(this.#isLate() ? late() : gone());
    });
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
    const [value] = this.#call.metadata.get(name);
    return value?.toString();
  }

  /** The call has its answer: what happens to its connection is nobody's business any more. */
  end(): void {
    this.#ended = true;
  }

  /** Ends the call's signal; the first reason stays. */
  abort(reason: FlyteError): void {
    this.#reason ??= reason;
    this.#abort?.abort(reason);
  }

  #isLate(): boolean {
    // timers may fire a little before the clock says so
    return this.deadline !== undefined && Date.now() >= this.deadline - 5;
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
