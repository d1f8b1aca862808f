import type { Connection } from "../connector/connector-context.ts";
import { askedWait } from "../errors/asked-wait.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { createHash } from "../storage/create-hash.ts";
import type { NotYet, PollContext, PollRequest, Sensor } from "./sensor.ts";
import type { Timed } from "./timer-heap.ts";
import { growthAfter, intervalAfter, type Wait } from "./wait-options.ts";

/** How a wait has ended: what was found, that the time is up, or why it will never be. */
export type WaitOutcome =
  | { readonly found: Readonly<Record<string, unknown>> }
  | { readonly timedOut: FlyteError }
  | { readonly failed: FlyteError };

/** What a poll reaches apart from what is its own. */
export type PollSurroundings = Omit<PollContext, "signal" | "turn">;

/** What a scheduler is given to wait for. */
export interface WaitParts {
  /** What waits, as messages call it. */
  readonly task: string;
  readonly sensor: Sensor;
  readonly request: PollRequest;
  readonly wait: Wait;
  readonly surroundings: PollSurroundings;
  /** Milliseconds after which a wait that nobody asks for any more is given up; never, by default. */
  readonly lease?: number;
}

/** What cannot be seen before a whole second has passed is a fault that repeats itself. */
const firstFaultDelay = 1000;
/** How long every poll may throw what nobody foresaw. */
const strangeFaultLimit = 300_000;
const mistakes: readonly unknown[] = [TypeError, ReferenceError, RangeError, SyntaxError];

/** One task that waits: what has been asked for, and when to ask again. Times are the scheduler's own. */
export class Waiting implements Timed {
  due = 0;
  place = -1;
  /** Under which the scheduler keeps it. */
  readonly key: string;
  readonly parts: WaitParts;
  /** What its polls reach: of the call that asked last. */
  surroundings: PollSurroundings;
  /** Where its polls go, and by which credentials: what a limit is for, and who is polled with whom. */
  readonly endpoint: string;
  readonly group: string | undefined;
  /** When the time is up. */
  readonly deadline: number;
  /** What it waits for, in the words of the last answer. */
  message = "";
  outcome: WaitOutcome | undefined;
  /** True while a poll is under way or waits for its turn. */
  polling = false;
  /** Ends the poll that is under way, unless others share it. */
  leave: (() => void) | undefined;
  removed = false;
  /** Nothing is listened to for it any more. */
  closed = false;
  /** Something has changed while a poll was under way. */
  nudged = false;
  asked: number;
  lastStart = -Infinity;
  watch: Disposable | undefined;
  /** True after the first poll. */
  get answered(): boolean {
    return this.outcome !== undefined || this.message !== "";
  }

  /** Resolves after the first poll. */
  readonly polled: Promise<void>;
  /** Resolves when it has ended; never, when it is removed before. */
  readonly ended: Promise<WaitOutcome>;
  readonly #polled = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<WaitOutcome>();
  #growth: number;
  #interval: number;
  #faults = 0;
  #strangeSince: number | undefined;

  /**
   * @param now the scheduler's time, @param epoch the clock's. A clock that was set after the wait began can neither
   * make it longer than its timeout nor end it before a first poll.
   */
  constructor(key: string, parts: WaitParts, now: number, epoch: number) {
    const { sensor, request, wait } = parts;
    this.key = key;
    this.parts = parts;
    this.surroundings = parts.surroundings;
    this.endpoint = sensor.endpoint(request) + credentialOf(parts.surroundings.connection);
    this.group = sensor.group(request);
    const waited = Math.min(Math.max(epoch - request.startedAt, 0), wait.timeoutMs);
    this.deadline = now + wait.timeoutMs - waited;
    this.#growth = growthAfter(waited, wait);
    this.#interval = intervalAfter(this.#growth, wait);
    this.asked = now;
    this.polled = this.#polled.promise;
    this.ended = this.#ended.promise;
  }

  /** The interval that is under way, without jitter. */
  get interval(): number {
    return this.#interval;
  }

  end(outcome: WaitOutcome): void {
    this.outcome = outcome;
    this.#polled.resolve();
    this.#ended.resolve(outcome);
  }

  /** Takes the answer of a poll. @returns when to poll again; undefined when the wait has ended. */
  afterAnswer({ waitingFor, againInMs = Infinity }: NotYet, now: number, random: number): number | undefined {
    this.#faults = 0;
    this.#strangeSince = undefined;
    if (waitingFor !== this.message) this.surroundings.log.info(`${this.parts.task} waits for ${waitingFor}`);
    this.message = waitingFor;
    this.#polled.resolve();
    if (this.lastStart >= this.deadline) return this.#timeIsUp();
    const interval = this.interval * (1 - this.parts.wait.jitter * random);
    this.#growth++;
    this.#interval = intervalAfter(this.#growth, this.parts.wait);
    return Math.min(Math.max(this.lastStart + interval, now), now + Math.max(againInMs, 1), this.deadline);
  }

  /** Takes what a poll threw. @returns when to poll again; undefined when the wait has ended. */
  afterFault(thrown: unknown, now: number, random: number): number | undefined {
    const error = this.#passing(thrown, now);
    if (error === undefined) return undefined;
    this.#faults++;
    this.message = `what could not be asked for: ${error.message}`;
    this.surroundings.log.warn(`${this.parts.task} will ask again: ${error.message}`, { faults: this.#faults });
    this.#polled.resolve();
    if (this.lastStart >= this.deadline) return this.#timeIsUp(error);
    const delay = Math.min(firstFaultDelay * 2 ** (this.#faults - 1), this.interval) * (1 - random / 4);
    return Math.min(now + Math.max(delay, askedWait(error) ?? 0), this.deadline);
  }

  /** The fault, when it may pass; otherwise the wait ends with it. */
  #passing(thrown: unknown, now: number): FlyteError | undefined {
    const { task } = this.parts;
    if (FlyteError.is(thrown)) {
      if (!thrown.recoverable) this.end({ failed: thrown });
      return thrown.recoverable ? thrown : undefined;
    }
    const isMistake = thrown instanceof Error && mistakes.includes(thrown.constructor) && thrown.cause === undefined;
    this.#strangeSince ??= now;
    if (!isMistake && now - this.#strangeSince < strangeFaultLimit) return FlyteError.from(thrown, "Unavailable");
    const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    this.end({ failed: new FlyteError("TaskFailed", `task ${task}: ${text}`, { cause: thrown }) });
    return undefined;
  }

  #timeIsUp(cause?: FlyteError): undefined {
    const { task, wait } = this.parts;
    const text = `task ${task} waited ${wait.timeoutMs} ms (timeout) for ${this.message}`;
    this.end({ timedOut: new FlyteError("Timeout", text, cause === undefined ? {} : { cause }) });
  }
}

/**
 * Tells tasks apart that come with credentials or settings of their own; empty for those that have none. A poll for several
 * of them has only one connection, which must be that of each.
 */
function credentialOf(connection: Connection | undefined): string {
  const { secrets = {}, configs = {} } = connection ?? {};
  const own = [Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()]), Object.entries(configs)];
  if (own.every((entries) => entries.length === 0)) return "";
  const sorted = own.map((entries) => entries.map((entry) => JSON.stringify(entry)).sort());
  return ` ${createHash("sha256").update(JSON.stringify(sorted)).digest("hex")}`;
}
