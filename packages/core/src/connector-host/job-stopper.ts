import type { Connection } from "../connector/connector-context.ts";
import { isTerminal } from "../connector/phase.ts";
import { createContext, foundJob, jobContext, placedJob } from "../connector-calls/call-contexts.ts";
import { faultOf } from "../connector-calls/fault.ts";
import type { HostParts } from "../connector-calls/host-parts.ts";
import type { JobReference } from "../connector-calls/host-request.ts";
import type { LiveCall } from "../connector-calls/live-calls.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { AnswerJobs } from "./answer-jobs.ts";
import type { JobStarter } from "./job-starter.ts";
import type { JobState } from "./job-state.ts";
import { writeTombstone } from "./tombstone.ts";

/** Deletes jobs, also those of which nobody knows whether they were started. */
export class JobStopper {
  readonly #parts: HostParts;
  readonly #starter: JobStarter;

  constructor(parts: HostParts, starter: JobStarter) {
    this.#parts = parts;
    this.#starter = starter;
  }

  /**
   * Resolves when nothing of the job is left. Passing faults are gone through again as long as there is time.
   * @throws FlyteError of the vendor; `Unavailable` when the time is over.
   */
  stop(state: JobState, reference: JobReference, patience: number): Promise<void> {
    // from here on nobody starts it
    state.deleted = true;
    // one that was given up while its start was tried may be there all the same
    const never = state.failed !== undefined && state.pending === undefined;
    if (never || state.removed) return Promise.resolve();
    state.deleting ??= this.#stop(state, reference, this.#parts.now() + patience)
      .catch((thrown: unknown) => this.#notDeleted(state, thrown))
      .finally(() => {
        state.deleting = undefined;
      });
    return state.deleting;
  }

  /**
   * Has the caller ask again, for as long as that may help: Flyte v2 asks for ever, also for jobs that ended long ago.
   * @throws what was thrown.
   */
  #notDeleted(state: JobState, thrown: unknown): void {
    const { kind, error } = faultOf(thrown, false);
    if (kind === "passing") throw thrown;
    const { limits, log } = this.#parts;
    const now = this.#parts.now();
    state.undeletableSince ??= now;
    const lasts = now - state.undeletableSince;
    if (lasts < limits.passingFaultMs) throw thrown;
    const minutes = Math.round(lasts / 60_000);
    log.error(`${state.connector.name}: a job is left behind after ${minutes} minutes: ${error.message}`, state.named);
  }

  async #stop(state: JobState, reference: JobReference, until: number): Promise<void> {
    if (state.unreadable !== undefined) throw state.unreadable;
    const { keeper, log } = this.#parts;
    for (let faults = 1; ; faults += 1) {
      const left = Math.max(until - this.#parts.now(), 0);
      let call: LiveCall | undefined;
      try {
        await this.#endStart(state, left / 2);
        const work = (live: LiveCall): Promise<void> => {
          call = live;
          return this.#once(state, reference, live);
        };
        await this.#parts.call(`${state.connector.name}.delete`, work, Math.max(until - this.#parts.now(), 0));
        return;
      } catch (thrown) {
        const { kind, error } = faultOf(thrown, call?.ended ?? false);
        if (kind === "missing" && !this.#parts.missingSecrets.has(error)) return;
        if (kind === "final" && (await this.#hasEnded(state, reference, until))) return;
        if (kind === "missing" || kind === "final" || kind === "retryable") throw error;
        const wait = this.#parts.backoff(faults, error.retryAfterMs);
        const text = `${state.connector.name} could not delete a job: ${keeper.redact(error.message)}`;
        log[faults === 1 ? "warn" : "debug"](text, state.named);
        if (this.#parts.now() + wait >= until) throw error;
        await this.#parts.pause(wait);
      }
    }
  }

  /** True for a job of which the vendor says so: whatever keeps it from being deleted, it need not be. */
  async #hasEnded({ connector, job, outputPrefix }: JobState, reference: JobReference, until: number) {
    if (job === undefined) return false;
    const place = { category: reference.category, connection: reference.connection, outputPrefix };
    const asked = this.#parts.call(
      `${connector.name}.get`,
      (call) => connector.get(jobContext(this.#parts, place, job, call).context),
      Math.max(until - this.#parts.now(), 0),
    );
    return asked.then(({ phase }) => isTerminal(phase)).catch(() => false);
  }

  /** Waits for a start that is under way, and ends it when it takes too long. */
  async #endStart(state: JobState, patience: number): Promise<void> {
    const { starting } = state;
    if (starting === undefined) return;
    await this.#parts.waitFor(starting, patience);
    const { startCall } = state;
    if (startCall === undefined) return;
    this.#parts.calls.end(startCall, new FlyteError("Cancelled", "the job is to be deleted"));
    await starting;
  }

  async #once(state: JobState, { category, connection }: JobReference, call: LiveCall): Promise<void> {
    const { connector, key, outputPrefix } = state;
    const meta = state.job?.meta ?? (await this.#meta(state, connection, call));
    if (meta !== undefined) {
      const place = { category, outputPrefix, connection };
      await connector.delete(jobContext(this.#parts, place, { key, meta }, call).context);
    }
    if (state.job === undefined) state.removed = true;
  }

  /** The meta of a job that may have been started. */
  async #meta(state: JobState, connection: Connection | undefined, call: LiveCall): Promise<unknown> {
    const { connector } = state;
    const request = await this.#starter.requestOf(state, connection, call.signal);
    const { context } = createContext(this.#parts, request, call);
    if (connector instanceof AnswerJobs) {
      await writeTombstone(this.#parts, state, call.signal);
      return undefined;
    }
    // where the vendor cannot be asked, or a request may still be on its way to it, only a job in its place is certain
    if (connector.find === undefined || state.unsure) return placedJob(this.#parts, connector, context, call);
    const found = await foundJob(this.#parts, connector, context);
    if (found === undefined) await writeTombstone(this.#parts, state, call.signal);
    return found;
  }
}
