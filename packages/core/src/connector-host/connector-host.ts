import {
  type AsyncConnector,
  isSyncConnector,
  type LogPage,
  type MetricResult,
  type SyncConnector,
} from "../connector/connector.ts";
import type { JobContext, LogsContext, MetricsContext, TaskCategory } from "../connector/connector-context.ts";
import { jobContext } from "../connector-calls/call-contexts.ts";
import { readMeta } from "../connector-calls/checked-meta.ts";
import type { ConnectorHostOptions } from "../connector-calls/host-options.ts";
import { HostParts } from "../connector-calls/host-parts.ts";
import type { HostCall, JobAnswer, JobReference, TaskRequest } from "../connector-calls/host-request.ts";
import { declaredOutputs, keptOutputs } from "../connector-calls/job-outputs.ts";
import { KeyedRequest } from "../connector-calls/keyed-request.ts";
import { callSync } from "../connector-calls/sync-call.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { Awaitable } from "../types/type-transformer.ts";
import { AnswerJobs } from "./answer-jobs.ts";
import { EndpointLimits } from "./endpoint-limits.ts";
import { bytesOf, decodeEnvelope, keyOf, textOf } from "./job-envelope.ts";
import { JobPoller } from "./job-poller.ts";
import { JobStarter } from "./job-starter.ts";
import { JobState } from "./job-state.ts";
import { JobStates } from "./job-states.ts";
import { JobStopper } from "./job-stopper.ts";

/** Which metrics of a job, and of when. */
export type MetricsRequest = JobReference &
  Pick<MetricsContext<unknown>, "queries"> &
  Partial<Pick<MetricsContext<unknown>, "start" | "end" | "stepMs">>;

/** Which page of a job's log. */
export type LogsRequest = JobReference & Partial<Pick<LogsContext<unknown>, "lines" | "token">>;

/**
 * Runs connectors for whoever speaks with Flyte: the services of v1 and v2, local runs, and pods. It stands between a
 * platform that repeats its calls, loses answers and counts every failed poll for good, and vendors that do the same:
 * one job for each attempt, none left behind, and no answer that takes back an earlier one.
 *
 * What it remembers makes it fast, and nothing else: any process goes on with the bytes that `create` gave.
 */
export class ConnectorHost {
  readonly #parts: HostParts;
  readonly #states: JobStates;
  readonly #starter: JobStarter;
  readonly #poller: JobPoller;
  readonly #stopper: JobStopper;
  readonly #answerJobs = new WeakMap<SyncConnector, AsyncConnector>();

  constructor(options: ConnectorHostOptions) {
    this.#parts = new HostParts(options);
    this.#states = new JobStates(this.#parts.limits.maxJobs);
    const limits = new EndpointLimits(this.#parts);
    this.#starter = new JobStarter(this.#parts, limits, (key) => this.#states.get(key));
    this.#stopper = new JobStopper(this.#parts, this.#starter);
    this.#poller = new JobPoller(this.#parts, limits, this.#states, (state, reference) =>
      this.#stopper.stop(state, reference, this.#parts.limits.callMs),
    );
  }

  /**
   * Starts the job of an attempt, or gives the one that was started for it before.
   *
   * A vendor that does not answer is no reason to fail: then the bytes say that the job is still to be started, and `get`
   * does so. A mistake of the user's is none either: the bytes say so, and `get` reports FAILED.
   * @returns `resource_meta`: what `get` and `delete` are to be given, in this process or another.
   * @throws FlyteError `InvalidInput` for a request that names neither an output prefix nor an execution;
   * `UnknownTaskType`.
   */
  create(request: TaskRequest, call: HostCall = {}): Promise<Uint8Array> {
    return this.#clean(this.#create(request, call));
  }

  async #create(given: TaskRequest, call: HostCall): Promise<Uint8Array> {
    const request = new KeyedRequest(given);
    const connector = this.#connector(request.category);
    checkIdentity(request);
    const { idempotencyKey: key } = request;
    let state = this.#states.get(key);
    if (state === undefined) {
      const declared = keptOutputs(request.declaredOutputs ?? declaredOutputs(request.template));
      state = new JobState(key, request.category.name, connector, request.outputPrefix, declared);
      this.#states.add(state);
    }
    if (state.envelope !== undefined) return bytesOf(state.envelope);
    if (state.abandoned !== undefined) throw state.abandoned;
    state.request ??= request;
    const starting = this.#starter.start(state, request.connection, true);
    const patience = this.#parts.patience(call);
    const until = this.#parts.now() + patience;
    await this.#parts.waitFor(starting, patience / 2, call.signal);
    if (state.starting !== undefined) {
      // what says that the job is pending is made while there is time: it may have to be written
      await this.#starter.envelope(state, patience / 4).catch(() => {});
      const last = state.pending === undefined ? patience / 4 : 0;
      await this.#parts.waitFor(starting, until - last - this.#parts.now(), call.signal);
    }
    if (state.envelope !== undefined) return bytesOf(state.envelope);
    try {
      return bytesOf(await this.#starter.envelope(state, Math.min(until - this.#parts.now(), patience / 4)));
    } catch (thrown) {
      state.abandoned = thrown;
      this.#abandon(state, request);
      throw thrown;
    }
  }

  /** Nobody could ask for this job, or have it deleted. */
  #abandon(state: JobState, { category, connection }: TaskRequest): void {
    const reference = { category, connection, resourceMeta: new Uint8Array() };
    const stopping = this.#stopper.stop(state, reference, this.#parts.limits.callMs);
    this.#parts.inBackground(
      stopping.finally(() => this.#states.forget(state)),
      "a job is left behind",
    );
  }

  /**
   * How a job is. A passing fault of the vendor's is no error: the answer is what was known last.
   * @throws FlyteError `InvalidInput` for bytes that `create` did not give, `UnknownTaskType`.
   */
  get(reference: JobReference, call: HostCall = {}): Promise<JobAnswer> {
    const text = textOf(reference.resourceMeta);
    let state: JobState | undefined;
    try {
      state = this.#states.get(keyOf(text));
    } catch (error) {
      return Promise.reject(error);
    }
    if (state?.answered !== undefined && state.seen === text) {
      if (state.ended || this.#parts.now() < state.freshUntil) return state.answered;
    }
    return this.#clean(this.#get(reference, text, call));
  }

  async #get(reference: JobReference, text: string, call: HostCall): Promise<JobAnswer> {
    const opened = this.#opened(reference, text);
    const state = opened instanceof Promise ? await opened : opened;
    if (state.failed !== undefined) return state.tell();
    if (state.unreadable !== undefined) return this.#poller.unreadable(state, state.unreadable);
    const until = this.#parts.now() + this.#parts.patience(call);
    if (state.job === undefined) {
      const starting = this.#starter.start(state, reference.connection);
      await this.#parts.waitFor(starting, until - this.#parts.now(), call.signal);
      if (state.job === undefined) return state.tell();
    }
    const polling = this.#poller.poll(state, reference);
    if (polling === undefined) return state.tell();
    let answer: JobAnswer | undefined;
    const asked = polling.then((given) => {
      answer = given;
    });
    await this.#parts.waitFor(asked, until - this.#parts.now(), call.signal);
    return answer ?? state.tell();
  }

  /**
   * Stops a job, and cleans up after it; one that has ended, was deleted or was never started is fine.
   * @throws FlyteError of the vendor, when its faults do not pass within the caller's time: then it is to be asked again;
   * `InvalidInput` for bytes that `create` did not give, `UnknownTaskType`.
   */
  delete(reference: JobReference, call: HostCall = {}): Promise<void> {
    return this.#clean(
      (async () => this.#stopper.stop(await this.#opened(reference), reference, this.#parts.patience(call)))(),
    );
  }

  /**
   * Runs a task of a connector that answers at once.
   * @throws FlyteError `InvalidInput`, `UnknownTaskType`; what the connector throws is an answer of phase FAILED or
   * RETRYABLE_FAILED.
   */
  do(request: TaskRequest, call: HostCall = {}): Promise<JobAnswer> {
    return this.#clean(
      (async () => {
        const connector = this.#parts.registry.get(request.category.name);
        if (!isSyncConnector(connector)) {
          const { name } = request.category;
          throw new FlyteError("InvalidInput", `the task type "${name}" runs jobs: CreateTask starts one`);
        }
        const keyed = new KeyedRequest(request);
        checkIdentity(keyed);
        return callSync(this.#parts, connector, keyed, call);
      })(),
    );
  }

  /** @throws FlyteError `Unsupported` where the connector has no metrics, and what it throws. */
  metrics({ queries, start, end, stepMs, ...reference }: MetricsRequest, call: HostCall = {}) {
    return this.#ask(reference, call, "getMetrics", [] as readonly MetricResult[], (connector, context) =>
      connector.getMetrics?.({ ...context, queries, start, end, stepMs }),
    );
  }

  /** @throws FlyteError `Unsupported` where the connector has no logs, and what it throws. */
  logs({ lines, token, ...reference }: LogsRequest, call: HostCall = {}): Promise<LogPage> {
    return this.#ask(reference, call, "getLogs", { lines: [] }, (connector, context) =>
      connector.getLogs?.({ ...context, lines, token }),
    );
  }

  /** Ends what is under way, and waits for it. Nothing can be asked of the host any more. */
  close(): Promise<void> {
    return this.#parts.close();
  }

  #ask<R>(
    reference: JobReference,
    { deadlineMs }: HostCall,
    method: "getMetrics" | "getLogs",
    nothing: R,
    run: (connector: AsyncConnector, context: JobContext<unknown>) => Promise<R> | undefined,
  ): Promise<R> {
    const asked = async (): Promise<R> => {
      const { connector, outputPrefix, job } = await this.#opened(reference);
      if (connector[method] === undefined) {
        throw new FlyteError("Unsupported", `the connector ${connector.name} has no ${method}`);
      }
      if (job === undefined) return nothing;
      const { limits } = this.#parts;
      const work = async (call: Parameters<typeof jobContext>[3]): Promise<R> => {
        const { context } = jobContext(this.#parts, { ...reference, outputPrefix }, job, call);
        const told = (await run(connector, context)) ?? nothing;
        const { keeper } = this.#parts;
        return keeper.empty ? told : (keeper.redactValue(told) as R);
      };
      return this.#parts.call(
        `${connector.name}.${method}`,
        work,
        Math.min(deadlineMs ?? limits.callMs, limits.callMs),
      );
    };
    return this.#clean(asked());
  }

  /** What is remembered of a job, or what its bytes say. */
  #opened(reference: JobReference, text: string = textOf(reference.resourceMeta)): Awaitable<JobState> {
    const { resourceMeta: bytes, category } = reference;
    const known = this.#states.get(keyOf(text));
    if (known?.seen === text) return known;
    const envelope = decodeEnvelope(bytes);
    const { key, type, prefix, outputs } = envelope;
    const connector = this.#connector(category);
    if (type !== category.name) {
      throw new FlyteError("InvalidInput", `resource_meta is of the task type "${type}", not of "${category.name}"`);
    }
    const state = known ?? new JobState(key, type, connector, prefix, outputs);
    if (known === undefined) this.#states.add(state);
    const seen = (): JobState => {
      // the job's own text where it is the same, so that there is one
      state.seen = state.envelope === text ? state.envelope : text;
      return state;
    };
    switch (envelope.kind) {
      case "failed":
        state.failed ??= envelope;
        return seen();
      case "pending":
        // another process may be at it, and what this one has sent is known only as long as it is remembered
        if (known === undefined || envelope.by !== this.#parts.id) state.unsure = true;
        if (state.job === undefined && state.failed === undefined && state.pending === undefined) {
          state.pending = envelope;
          state.starts += 1;
        }
        return seen();
      case "job": {
        if (state.job !== undefined) return seen();
        const found = (value: unknown): JobState => {
          state.found(value, this.#parts);
          state.unreadable = undefined;
          state.envelope = text;
          return seen();
        };
        const unreadable = (thrown: unknown): JobState => {
          state.unreadable = FlyteError.from(thrown, "InvalidInput");
          return state;
        };
        try {
          const meta = readMeta(connector.meta, connector.name, envelope.meta, envelope.version);
          return meta instanceof Promise ? meta.then(found, unreadable) : found(meta);
        } catch (thrown) {
          return unreadable(thrown);
        }
      }
    }
  }

  #connector(category: TaskCategory): AsyncConnector {
    const connector = this.#parts.registry.get(category.name);
    if (!isSyncConnector(connector)) return connector;
    const known = this.#answerJobs.get(connector);
    if (known !== undefined) return known;
    const jobs = new AnswerJobs(this.#parts, connector);
    this.#answerJobs.set(connector, jobs);
    return jobs;
  }

  /** Nothing that leaves the host holds a secret. */
  #clean<R>(result: Promise<R>): Promise<R> {
    return result.catch(this.#throwClean);
  }

  readonly #throwClean = (thrown: unknown): never => {
    throw this.#parts.keeper.redactError(FlyteError.from(thrown));
  };
}

/** @throws FlyteError `InvalidInput` for a request whose key would be that of any other like it. */
function checkIdentity({ outputPrefix, metadata }: KeyedRequest): void {
  if (outputPrefix !== "" || metadata.execution !== "") return;
  throw new FlyteError(
    "InvalidInput",
    "the request has neither output_prefix nor task_execution_metadata.task_execution_id: nothing would tell it from others",
  );
}
