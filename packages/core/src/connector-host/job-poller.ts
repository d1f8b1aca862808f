import { checkedResource, type Resource } from "../connector/resource.ts";
import { jobContext } from "../connector-calls/call-contexts.ts";
import { customInfoOf } from "../connector-calls/custom-info.ts";
import { type Fault, faultOf, isOfTheAsking } from "../connector-calls/fault.ts";
import type { HostParts } from "../connector-calls/host-parts.ts";
import type { JobAnswer, JobReference } from "../connector-calls/host-request.ts";
import { jobOutputs } from "../connector-calls/job-outputs.ts";
import { LiveCall } from "../connector-calls/live-calls.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { EndpointLimit } from "./endpoint-limit.ts";
import type { EndpointLimits } from "./endpoint-limits.ts";
import { type JobState, mergedLinks } from "./job-state.ts";
import type { JobStates } from "./job-states.ts";

/** The most characters of a message. */
const longestMessage = 16_384;

/** Outputs of so many bytes are remembered without a second thought. */
const small = 4_096;

const none: JobAnswer["logLinks"] = [];

/** Deletes a job that nobody will ask for any more. */
export type RemoveJob = (state: JobState, reference: JobReference) => Promise<void>;

/** Asks vendors for their jobs: one request at a time for each, no more than they take. */
export class JobPoller {
  readonly #parts: HostParts;
  readonly #limits: EndpointLimits;
  readonly #states: JobStates;
  readonly #remove: RemoveJob;

  constructor(parts: HostParts, limits: EndpointLimits, states: JobStates, remove: RemoveJob) {
    this.#parts = parts;
    this.#limits = limits;
    this.#states = states;
    this.#remove = remove;
  }

  /** The answer that is on its way; undefined where nobody may be asked now, so that what is known has to do. */
  poll(state: JobState, reference: JobReference): Promise<JobAnswer> | undefined {
    if (state.polling !== undefined) return state.polling;
    const now = this.#parts.now();
    if (state.queued || now < state.notBefore || state.job === undefined) return undefined;
    const limit = this.#limits.of(state);
    if (limit.take(now)) return this.#poll(state, reference, limit);
    state.queued = true;
    limit.queue(() => {
      state.queued = false;
      if (!state.ended && state.polling === undefined) this.#poll(state, reference, limit);
    });
    return undefined;
  }

  /** The answer for a job whose meta this version of the connector cannot read: an update may mend that. */
  unreadable(state: JobState, error: FlyteError): JobAnswer {
    const { message } = error;
    return this.#faulted(state, { kind: "unforeseen", error: new FlyteError("Internal", message, { cause: error }) });
  }

  #poll(state: JobState, reference: JobReference, limit: EndpointLimit): Promise<JobAnswer> {
    const polling = this.#ask(state, reference, limit);
    state.polling = polling;
    return polling;
  }

  async #ask(state: JobState, reference: JobReference, limit: EndpointLimit): Promise<JobAnswer> {
    const { category, connection } = reference;
    const { connector, key, outputPrefix, job } = state;
    const call = new LiveCall();
    const { calls, limits } = this.#parts;
    let told = false;
    try {
      const place = { category, outputPrefix, connection };
      // the first thing is a wait: what is undone below has been set by then
      const answer = await calls.run(limits.callMs, `${connector.name}.get`, call, async () => {
        const { context } = jobContext(this.#parts, place, job ?? { key, meta: undefined }, call);
        const resource = await connector.get(context);
        told = true;
        const answer = this.#answerOf(state, resource);
        return resource.phase === "SUCCEEDED" ? await this.#withOutputs(state, answer, resource, call) : answer;
      });
      limit.answered();
      this.#parts.watch?.answered(state.taskType);
      state.recovered();
      state.notBefore = 0;
      state.freshUntil = this.#parts.now() + limits.cacheMs;
      return state.learn(answer);
    } catch (thrown) {
      const fault = faultOf(thrown, call.ended);
      if (told) return this.#faulted(state, fault, limit);
      this.#parts.failed(state.taskType, fault);
      const over = fault.kind === "missing" || fault.kind === "final";
      if (over && isOfTheAsking(this.#parts, fault.error)) {
        return this.#faulted(state, { ...fault, kind: "unforeseen" }, limit);
      }
      // Flyte deletes no job that is FAILED, and this one was not seen to end
      if (fault.kind === "final") this.#parts.inBackground(this.#remove(state, reference), "a job is left behind");
      return this.#faulted(state, fault, limit);
    } finally {
      state.polling = undefined;
    }
  }

  #answerOf(state: JobState, resource: Resource): JobAnswer {
    const { phase, message = "" } = checkedResource(state.connector.name, resource, "Internal");
    const logLinks = resource.logLinks && this.#clean(resource.logLinks);
    const customInfo = resource.customInfo && customInfoOf(this.#clean(resource.customInfo), this.#parts.log);
    return {
      phase,
      message: this.#text(message),
      logLinks: phase === "QUEUED" ? (logLinks ?? none) : mergedLinks(state.links, logLinks),
      ...(customInfo === undefined ? {} : { customInfo }),
    };
  }

  async #withOutputs(state: JobState, answer: JobAnswer, { outputs }: Resource, call: LiveCall): Promise<JobAnswer> {
    const found = await jobOutputs(this.#parts, state.declared, outputs, state.outputPrefix, call.signal);
    if (found === undefined) return answer;
    if (found.bytes > small) this.#states.weigh(state, found.bytes);
    return { ...answer, outputs: found.literals };
  }

  #faulted(state: JobState, { kind, error }: Fault, limit?: EndpointLimit): JobAnswer {
    const { limits, log } = this.#parts;
    const message = this.#text(error.message);
    const links = state.links;
    const now = this.#parts.now();
    if (kind === "missing") {
      if (state.deleted) return state.learn({ phase: "ABORTED", message: "the job was deleted", logLinks: links });
      state.missingSince ??= now;
      // the vendor's parts may not know yet what one of them has answered
      if (now - state.missingSince >= limits.missingMs) {
        return state.learn({ phase: "RETRYABLE_FAILED", message: `the job has vanished: ${message}`, logLinks: links });
      }
    }
    if (kind === "retryable") return state.learn({ phase: "RETRYABLE_FAILED", message, logLinks: links });
    if (kind === "final") return state.learn({ phase: "FAILED", message, logLinks: links });
    const lasts = state.faulted(now, kind === "unforeseen", message);
    if (error.code === "Throttled") limit?.throttled(now, error.retryAfterMs);
    state.notBefore = now + this.#parts.backoff(state.faults, error.retryAfterMs);
    // the first of a row tells it all
    log[state.faults === 1 ? "warn" : "debug"](
      `${state.connector.name} could not ask for a job: ${message}`,
      state.named,
    );
    if (lasts < (kind === "unforeseen" ? limits.unforeseenFaultMs : limits.passingFaultMs)) return state.tell();
    return state.learn({
      phase: "RETRYABLE_FAILED",
      message: `the job could not be asked for during ${Math.round(lasts / 60_000)} minutes: ${message}`,
      logLinks: links,
    });
  }

  #text(text: string): string {
    const clean = this.#parts.keeper.redact(text);
    return clean.length <= longestMessage ? clean : `${clean.slice(0, longestMessage)}…`;
  }

  #clean<T extends object>(plain: T): T {
    const { keeper } = this.#parts;
    return keeper.empty ? plain : (keeper.redactValue(plain) as T);
  }
}
