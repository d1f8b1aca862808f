import type { JsonObject } from "@bufbuild/protobuf";
import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";

/** How a sensor's task waits. All times are milliseconds. */
export interface WaitOptions {
  /** From one poll to the next; 10,000 by default. The first poll is at once. */
  readonly pollInterval?: number;
  /**
   * By how much the interval grows with every poll, from 1 (not at all, the default), and up to which one (ten times
   * `pollInterval` by default).
   */
  readonly backoff?: number | { readonly factor: number; readonly maxInterval?: number };
  /** The share of an interval, from 0 to 1, by which polls may come earlier, at random; 0.1 by default. */
  readonly jitter?: number;
  /**
   * The most that the task waits, from its first poll on; 7 days by default. It is ours to keep, and stands nowhere in
   * Flyte's own metadata. What is asked for last decides, when the time is up.
   */
  readonly timeout?: number;
  /** The most that one poll may take; then it counts as a passing fault. 60,000 by default. */
  readonly pollTimeout?: number;
  /** When the time is up, the task succeeds without its outputs, all of which are optional then. False by default. */
  readonly softFail?: boolean;
}

/** How a task waits, with nothing left out: what stands in its template and in its resource meta. */
export interface Wait {
  readonly pollIntervalMs: number;
  readonly backoffFactor: number;
  readonly maxIntervalMs: number;
  readonly jitter: number;
  readonly timeoutMs: number;
  readonly pollTimeoutMs: number;
  readonly softFail: boolean;
}

/** What is wrong with a value: undefined for nothing, else what would be right. */
type Rule = (value: unknown) => string | undefined;

const atLeast =
  (least: number, what: string): Rule =>
  (value) =>
    typeof value === "number" && Number.isFinite(value) && value >= least ? undefined : what;
const duration = atLeast(1, "a number of milliseconds, 1 or more");
const factor = atLeast(1, "a number, 1 or more");
const share: Rule = (value) =>
  typeof value === "number" && value >= 0 && value <= 1 ? undefined : "a number from 0 to 1";
const flag: Rule = (value) => (typeof value === "boolean" ? undefined : "true or false");

/**
 * The options of an author, checked and filled in.
 * @throws FlyteError `InvalidDefinition` that names the task and the option.
 */
export function waitOf(task: string, options: WaitOptions): Wait {
  const {
    pollInterval = 10_000,
    jitter = 0.1,
    timeout = 604_800_000,
    pollTimeout = 60_000,
    softFail = false,
  } = options;
  const backoff = typeof options.backoff === "object" ? options.backoff : { factor: options.backoff ?? 1 };
  const wait = {
    pollIntervalMs: pollInterval,
    backoffFactor: backoff.factor,
    maxIntervalMs: backoff.maxInterval ?? pollInterval * (backoff.factor === 1 ? 1 : 10),
    jitter,
    timeoutMs: timeout,
    pollTimeoutMs: pollTimeout,
    softFail,
  };
  const names = {
    pollIntervalMs: "pollInterval",
    backoffFactor: "backoff.factor",
    maxIntervalMs: "backoff.maxInterval",
    jitter: "jitter",
    timeoutMs: "timeout",
    pollTimeoutMs: "pollTimeout",
    softFail: "softFail",
  };
  check(wait, (field) => `task ${task}: ${names[field]}`);
  return wait;
}

/**
 * What `waitOf` made, as it comes back over the wire.
 * @throws FlyteError `InvalidDefinition` that names the field.
 */
export function readWait(json: unknown): Wait {
  const wait = (json ?? {}) as Wait;
  check(wait, (field) => `custom.wait.${field}`);
  const { pollIntervalMs, backoffFactor, maxIntervalMs, jitter, timeoutMs, pollTimeoutMs, softFail } = wait;
  return { pollIntervalMs, backoffFactor, maxIntervalMs, jitter, timeoutMs, pollTimeoutMs, softFail };
}

/** The wire form of how a task waits. */
export function waitJson(wait: Wait): JsonObject {
  return { ...wait };
}

const rules: Readonly<Record<keyof Wait, Rule>> = {
  pollIntervalMs: duration,
  backoffFactor: factor,
  maxIntervalMs: duration,
  jitter: share,
  timeoutMs: duration,
  pollTimeoutMs: duration,
  softFail: flag,
};

function check(wait: Wait, place: (field: keyof Wait) => string): void {
  for (const field of Object.keys(rules) as (keyof Wait)[]) {
    const right = rules[field](wait[field]);
    if (right === undefined) continue;
    throw new FlyteError("InvalidDefinition", `${place(field)} is ${shown(wait[field])}; it must be ${right}`);
  }
  if (wait.maxIntervalMs < wait.pollIntervalMs) {
    const text = `${place("maxIntervalMs")} is ${wait.maxIntervalMs}; it must not be below the interval of ${wait.pollIntervalMs}`;
    throw new FlyteError("InvalidDefinition", text);
  }
}

/** The interval after so many polls (from 0), without jitter. */
export function intervalAfter(polls: number, { pollIntervalMs, backoffFactor, maxIntervalMs }: Wait): number {
  return Math.min(pollIntervalMs * backoffFactor ** polls, maxIntervalMs);
}

/** How far the interval has grown after a time: after a restart it goes on where it was. */
export function growthAfter(elapsedMs: number, wait: Wait): number {
  let polls = 0;
  let left = elapsedMs;
  while (left > 0 && intervalAfter(polls, wait) < wait.maxIntervalMs) left -= intervalAfter(polls++, wait);
  return polls;
}
