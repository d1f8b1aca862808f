import type { Connection } from "../connector/connector-context.ts";
import { createContext, foundJob, jobContext } from "../connector-calls/call-contexts.ts";
import { writtenMeta } from "../connector-calls/checked-meta.ts";
import { cameToNothing, faultOf, isOfTheAsking } from "../connector-calls/fault.ts";
import type { HostParts } from "../connector-calls/host-parts.ts";
import { KeyedRequest } from "../connector-calls/keyed-request.ts";
import type { LiveCall } from "../connector-calls/live-calls.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { joinUri } from "../storage/uri.ts";
import type { Awaitable } from "../types/type-transformer.ts";
import type { EndpointLimits } from "./endpoint-limits.ts";
import { bytesOf, envelopeText, type FailedEnvelope, type PendingEnvelope } from "./job-envelope.ts";
import { isNoted, noteJob } from "./job-note.ts";
import type { JobState } from "./job-state.ts";
import { packRequest, unpackedParts, unpackRequest } from "./packed-request.ts";
import { attemptBefore, removeJobBefore } from "./previous-attempt.ts";
import { hasTombstone } from "./tombstone.ts";

/** Where a request is written that is too big for a meta, below the output prefix. */
const requestName = "flyte-ts-request";

/** The most characters of a message in a meta. */
const longestMessage = 4_096;

/** The most bytes (base64) of a request that stays inside a meta where no store takes it. */
const mostInline = 32_768;

/** A start that took so many milliseconds may have been given up by its caller, and its job deleted elsewhere. */
const slow = 1_000;

/** Starts jobs: once each, whatever becomes of the answers. */
export class JobStarter {
  readonly #parts: HostParts;
  readonly #limits: EndpointLimits;
  readonly #stateOf: (key: string) => JobState | undefined;

  constructor(parts: HostParts, limits: EndpointLimits, stateOf: (key: string) => JobState | undefined) {
    this.#parts = parts;
    this.#limits = limits;
    this.#stateOf = stateOf;
  }

  /**
   * Tries to start a job, if nobody does and its wait is over. Never rejects: the state tells what came of it.
   * @param unknown true where Flyte has no bytes yet that lead to the job.
   */
  start(state: JobState, connection: Connection | undefined, unknown = false): Promise<void> {
    if (state.starting !== undefined) return state.starting;
    const over = state.job !== undefined || state.failed !== undefined;
    const now = this.#parts.now();
    if (over || state.deleted || now < state.notBefore) return Promise.resolve();
    if (!this.#limits.ofStarts(state.connector).mayStart(now)) {
      state.fault ||= "the vendor asks for fewer requests";
      return Promise.resolve();
    }
    this.#parts.begin();
    const starting = this.#start(state, connection, unknown);
    state.starting = starting;
    return starting;
  }

  /**
   * The envelope for `CreateTask`'s answer, as things stand.
   * @throws FlyteError of the storage, where what starts the job again can be kept nowhere.
   */
  async envelope(state: JobState, patience: number): Promise<string> {
    if (state.envelope !== undefined) return state.envelope;
    const pending = state.pending ?? (await this.#pending(state, patience));
    if (state.starting === undefined) forgetKept(state);
    // it may have been started meanwhile
    return state.envelope ?? envelopeText(pending);
  }

  async #start(state: JobState, connection: Connection | undefined, unknown: boolean): Promise<void> {
    const parts = this.#parts;
    const { connector } = state;
    try {
      // the first thing is a wait: what is undone below has been set by then
      const meta = await parts.call(`${connector.name}.create`, (call) => {
        state.startCall = call;
        const request = this.requestOf(state, connection, call.signal);
        if (!(request instanceof Promise)) return this.#create(state, request, call);
        return request.then((unpacked) => this.#create(state, unpacked, call));
      });
      if (meta === undefined) return;
      this.#limits.ofStarts(connector).answered();
      parts.watch?.answered(state.taskType);
      state.recovered();
      state.found(meta.meta, parts);
      const { key, taskType: type, outputPrefix: prefix, declared: outputs } = state;
      const { version } = connector.meta;
      state.envelope = envelopeText({ kind: "job", key, type, prefix, outputs, version, meta: meta.json });
      if (unknown && isNoted(state)) await noteJob(parts, state, bytesOf(state.envelope));
    } catch (thrown) {
      this.#failed(state, thrown, state.startCall?.ended ?? false);
    } finally {
      state.startCall = undefined;
      state.starting = undefined;
      parts.end();
    }
  }

  /** The job's meta; undefined where the job was deleted meanwhile, here or in another process. */
  async #create(state: JobState, request: KeyedRequest, call: LiveCall) {
    const parts = this.#parts;
    const { connector } = state;
    const since = parts.now();
    const { context, secrets } = createContext(parts, request, call);
    if (state.starts > 0 && (await hasTombstone(parts, state, call.signal))) {
      state.deleted = true;
      const left = state.unsure ? await foundJob(parts, connector, context) : undefined;
      if (left !== undefined) await this.#remove(state, request, left, call);
      return undefined;
    }
    if (!state.cleaned) {
      const before = attemptBefore(request);
      if (before !== undefined) await removeJobBefore(parts, state, before, call, this.#stateOf);
      state.cleaned = true;
    }
    state.starts += 1;
    const adopted = state.starts > 1 ? await foundJob(parts, connector, context) : undefined;
    // whoever deletes it may have come meanwhile, and does not wait for what is not under way
    call.signal.throwIfAborted();
    if (adopted === undefined && state.deleted) return undefined;
    let meta = adopted;
    if (meta === undefined) {
      // until it is known what came of the request, the job may be there
      const before = state.unsure;
      state.unsure = true;
      try {
        meta = await connector.create(context);
      } catch (thrown) {
        if (!before && cameToNothing(thrown, call.ended)) state.unsure = false;
        throw thrown;
      }
    }
    const late = adopted === undefined && !connector.leavesNothing && parts.now() - since >= slow;
    if (late && (await hasTombstone(parts, state, call.signal))) {
      state.deleted = true;
      await this.#remove(state, request, meta, call);
      return undefined;
    }
    try {
      const written = writtenMeta(connector.meta, connector.name, meta, secrets);
      return written instanceof Promise ? await written : written;
    } catch (error) {
      // nobody could find the job again
      await this.#remove(state, request, meta, call);
      throw error;
    }
  }

  #remove({ key, connector }: JobState, request: KeyedRequest, meta: unknown, call: LiveCall): Promise<void> {
    return connector.delete(jobContext(this.#parts, request, { key, meta }, call).context);
  }

  #failed(state: JobState, thrown: unknown, ended: boolean): void {
    const { keeper, limits, log } = this.#parts;
    const fault = faultOf(thrown, ended);
    const { kind: said, error } = fault;
    this.#parts.failed(state.taskType, fault);
    // an earlier request may have started the job, and nobody deletes one that is FAILED
    const over = said === "missing" || said === "final";
    const kind = state.unsure && over && isOfTheAsking(this.#parts, error) ? "unforeseen" : said;
    const message = keeper.redact(error.message).slice(0, longestMessage);
    if (kind === "passing" || kind === "unforeseen") {
      const now = this.#parts.now();
      const lasts = state.faulted(now, kind === "unforeseen", message);
      state.notBefore = now + this.#parts.backoff(state.faults, error.retryAfterMs);
      if (error.code === "Throttled") this.#limits.ofStarts(state.connector).throttled(now, error.retryAfterMs);
      forgetKept(state);
      log[state.faults === 1 ? "warn" : "debug"](
        `${state.connector.name} could not start a job: ${message}`,
        state.named,
      );
      if (lasts < (kind === "passing" ? limits.passingFaultMs : limits.unforeseenFaultMs)) return;
    }
    const phase = kind === "missing" || kind === "final" ? "FAILED" : "RETRYABLE_FAILED";
    const { key, taskType: type, outputPrefix: prefix, declared: outputs } = state;
    const failed: FailedEnvelope = { kind: "failed", key, type, prefix, outputs, phase, message };
    state.failed = failed;
    state.request = undefined;
    state.unpacked = undefined;
    state.envelope = envelopeText(failed);
    log.info(`${state.connector.name} starts no job: ${message}`, state.named);
  }

  /** What starts the job: remembered, or kept in its meta or beside its outputs. */
  requestOf(state: JobState, connection: Connection | undefined, signal: AbortSignal): Awaitable<KeyedRequest> {
    const { request } = state;
    if (request === undefined) return this.#unpacked(state, connection, signal);
    return withConnection(request, connection);
  }

  async #unpacked(state: JobState, connection: Connection | undefined, signal: AbortSignal): Promise<KeyedRequest> {
    const kept = state.pending?.request;
    if (kept === undefined) throw new FlyteError("Internal", "nothing is known of the job that is to be started");
    const bytes =
      "inline" in kept ? Buffer.from(kept.inline, "base64") : await this.#parts.storage.readBytes(kept.uri, { signal });
    return withConnection(new KeyedRequest(unpackRequest(bytes, state.unpacked)), connection);
  }

  async #pending(state: JobState, patience: number): Promise<PendingEnvelope> {
    const { request, key, taskType: type, outputPrefix: prefix, declared: outputs } = state;
    if (request === undefined) throw new FlyteError("Internal", "nothing is known of the job that is to be started");
    const { limits, storage, log } = this.#parts;
    const packed = packRequest(request);
    const inline = packed.toString("base64");
    let kept: PendingEnvelope["request"] = { inline };
    if (inline.length > limits.maxInlineRequestBytes && prefix !== "") {
      const uri = joinUri(prefix, requestName);
      try {
        await this.#parts.call("the store", ({ signal }) => storage.write(uri, packed, { signal }), patience);
        kept = { uri };
      } catch (error) {
        if (inline.length > mostInline) throw error;
        log.warn(`a job's request is kept in its meta: ${FlyteError.from(error).message}`, { key });
      }
    } else if (inline.length > mostInline) {
      throw new FlyteError("TooLarge", `${inline.length} bytes of a request cannot be kept without an output prefix`);
    }
    const pending: PendingEnvelope = { kind: "pending", key, type, prefix, outputs, request: kept, by: this.#parts.id };
    state.pending = pending;
    return pending;
  }
}

/** A request as it came, or with what this call was sent along. */
function withConnection(request: KeyedRequest, connection: Connection | undefined): KeyedRequest {
  if (connection === undefined || connection === request.connection) return request;
  return new KeyedRequest(request, { connection });
}

/** Forgets a request that is kept, packed: many jobs may be waiting, each with as much as Flyte sends. */
function forgetKept(state: JobState): void {
  if (state.pending === undefined || state.request === undefined) return;
  state.unpacked = unpackedParts(state.request);
  state.request = undefined;
}
