import type { AsyncConnector } from "../connector/connector.ts";
import { isTerminal, type Phase } from "../connector/phase.ts";
import type { LogLink, Resource } from "../connector/resource.ts";
import type { HostParts } from "../connector-calls/host-parts.ts";
import type { JobAnswer } from "../connector-calls/host-request.ts";
import type { DeclaredOutputs } from "../connector-calls/job-outputs.ts";
import type { KeyedRequest } from "../connector-calls/keyed-request.ts";
import type { LiveCall } from "../connector-calls/live-calls.ts";
import type { FlyteError } from "../errors/flyte-error.ts";
import type { EndpointLimit } from "./endpoint-limit.ts";
import type { FailedEnvelope, PendingEnvelope } from "./job-envelope.ts";
import type { UnpackedParts } from "./packed-request.ts";

/** A job that the vendor has. */
export interface KnownJob {
  readonly key: string;
  readonly meta: unknown;
}

/** Phases that a job goes through, in their order. */
const order: Readonly<Record<Phase, number>> = {
  WAITING_FOR_RESOURCES: 0,
  QUEUED: 1,
  INITIALIZING: 2,
  RUNNING: 3,
  SUCCEEDED: 4,
  ABORTED: 4,
  FAILED: 4,
  RETRYABLE_FAILED: 4,
};

const noLinks: readonly LogLink[] = [];

/** What a host remembers of one attempt's job. Nothing of it is needed to go on: another process does without. */
export class JobState {
  readonly key: string;
  readonly taskType: string;
  readonly connector: AsyncConnector;
  readonly outputPrefix: string;
  readonly declared: DeclaredOutputs;
  /** The envelope by which the job was last asked for, as a text with a character for each byte. */
  seen: string | undefined;
  /** The envelope that `create` answers, as such a text. */
  envelope: string | undefined;
  job: KnownJob | undefined;
  links: readonly LogLink[] = noLinks;
  /** Why the meta cannot be read: an update of the connector may mend it. */
  unreadable: FlyteError | undefined;
  /** Set for a job that cannot be started. */
  failed: FailedEnvelope | undefined;
  /** What starts the job; forgotten when it has been started. */
  request: KeyedRequest | undefined;
  /** Of a request that stands in `pending` alone, what does not stand there. */
  unpacked: UnpackedParts | undefined;
  pending: PendingEnvelope | undefined;
  /** How often starting was tried, here or by another process. */
  starts = 0;
  /** True when a job of the attempt before is known to be gone. */
  cleaned = false;
  deleted = false;
  /** Why nobody can be told how to ask for the job: it is being deleted, and forgotten then. */
  abandoned: unknown;
  /** Since when the job cannot be deleted, for reasons that do not pass by themselves. */
  undeletableSince: number | undefined;
  /** True when it is known that nothing is left. */
  removed = false;
  /** True when a request that starts the job, of this process or another, may still come to something. */
  unsure = false;
  starting: Promise<void> | undefined;
  startCall: LiveCall | undefined;
  polling: Promise<JobAnswer> | undefined;
  deleting: Promise<void> | undefined;
  queued = false;
  limit: EndpointLimit | undefined;
  answer: JobAnswer | undefined;
  /** `answer` as what `get` gives: the same promise for all. */
  answered: Promise<JobAnswer> | undefined;
  /** The phase that a caller was told last. */
  told: Phase | undefined;
  ended = false;
  freshUntil = 0;
  /** No request before that time. */
  notBefore = 0;
  faults = 0;
  faultsSince = 0;
  unforeseenSince: number | undefined;
  /** Since when the vendor says that there is no such job. */
  missingSince: number | undefined;
  fault = "";

  constructor(key: string, taskType: string, connector: AsyncConnector, prefix: string, declared: DeclaredOutputs) {
    this.key = key;
    this.taskType = taskType;
    this.connector = connector;
    this.outputPrefix = prefix;
    this.declared = declared;
  }

  /** The job for people who read logs: the folder of its outputs tells execution, node and attempt. */
  get named(): Readonly<Record<string, unknown>> {
    return { taskType: this.taskType, outputPrefix: this.outputPrefix, key: this.key };
  }

  /** True while something is under way, so that the state must not be forgotten. */
  get busy(): boolean {
    return this.starting !== undefined || this.polling !== undefined || this.deleting !== undefined;
  }

  /** The vendor has the job. */
  found(meta: unknown, parts: HostParts): void {
    this.job = { key: this.key, meta };
    // another process has started what this one had given up
    this.failed = undefined;
    this.request = undefined;
    this.unpacked = undefined;
    this.pending = undefined;
    this.faults = 0;
    this.notBefore = 0;
    try {
      this.links = this.connector.logLinks?.(meta) ?? this.links;
    } catch (error) {
      parts.log.warn(`${this.connector.name} has no log links: ${String(error)}`);
    }
  }

  /** What is known without asking anybody, for a caller. */
  tell(): JobAnswer {
    const known = this.#known();
    this.told = known.phase;
    return known;
  }

  #known(): JobAnswer {
    if (this.answer !== undefined) return this.answer;
    if (this.job !== undefined || this.unreadable !== undefined)
      return { phase: "RUNNING", message: "", logLinks: this.links };
    if (this.failed !== undefined) return { phase: this.failed.phase, message: this.failed.message, logLinks: [] };
    if (this.deleted) return { phase: "ABORTED", message: "the job was deleted before it was started", logLinks: [] };
    // Flyte records nothing of QUEUED; a reason that nobody reads is none
    if (this.fault === "") return { phase: "QUEUED", message: "the job is still to be started", logLinks: [] };
    return { phase: "INITIALIZING", message: `the job is still to be started: ${this.fault}`, logLinks: [] };
  }

  /** Keeps an answer: never one that goes back. */
  learn(answer: JobAnswer): JobAnswer {
    const { told } = this;
    const known = told !== undefined && order[answer.phase] < order[told] ? { ...answer, phase: told } : answer;
    // most polls tell nothing new: whoever has made something of the answer need not do so again
    if (this.answer !== undefined && isSameAnswer(this.answer, known)) return this.tell();
    this.answer = known;
    this.answered = Promise.resolve(known);
    this.told = known.phase;
    this.ended = isTerminal(known.phase);
    return known;
  }

  /** A fault of the vendor's or of the connector's; gives the milliseconds since when there have been only such. */
  faulted(now: number, unforeseen: boolean, message: string): number {
    this.fault = message;
    this.faults += 1;
    if (this.faults === 1) this.faultsSince = now;
    this.unforeseenSince = unforeseen ? (this.unforeseenSince ?? now) : undefined;
    return now - (this.unforeseenSince ?? this.faultsSince);
  }

  /** The vendor has answered. */
  recovered(): void {
    this.fault = "";
    this.faults = 0;
    this.unforeseenSince = undefined;
    this.missingSince = undefined;
  }
}

/** True for answers that say the same; one with outputs or custom info is not compared. */
function isSameAnswer(a: JobAnswer, b: JobAnswer): boolean {
  const isPlain = (answer: JobAnswer): boolean => answer.outputs === undefined && answer.customInfo === undefined;
  return (
    isPlain(a) && isPlain(b) && a.phase === b.phase && a.message === b.message && areSameLinks(a.logLinks, b.logLinks)
  );
}

function areSameLinks(a: readonly LogLink[], b: readonly LogLink[]): boolean {
  const isSame = (link: LogLink, other: LogLink | undefined): boolean =>
    other !== undefined && link.name === other.name && link.uri === other.uri && link.format === other.format;
  return a === b || (a.length === b.length && a.every((link, at) => isSame(link, b[at])));
}

/** The job's own links, and those of an answer that are not among them. */
export function mergedLinks(own: readonly LogLink[], given: Resource["logLinks"]): readonly LogLink[] {
  if (given === undefined || given.length === 0) return own;
  if (own.length === 0) return given;
  return [...own, ...given.filter(({ uri }) => !own.some((link) => link.uri === uri))];
}
