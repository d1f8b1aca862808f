import type { Clock } from "../context/clock.ts";
import { FlyteContext } from "../context/flyte-context.ts";
import { askedWait } from "../errors/asked-wait.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { EndpointGate, type Timekeeper } from "./endpoint-gate.ts";
import { PollStop } from "./poll-stop.ts";
import type { PollAnswer, PollContext } from "./sensor.ts";
import { TimerHeap } from "./timer-heap.ts";
import { Waiting, type WaitParts } from "./waiting.ts";

/** Timers take less than 2^31 ms; and a machine that slept wakes up to look at its clock. */
const longestSleep = 3_600_000;
/** What is due so soon is due now: one wake-up serves many. */
const atOnce = 10;
/**
 * Together with others a poll may come earlier by this share of its interval. So those of a group come together, however
 * far apart they began.
 */
const earlier = 0.5;
/** Between polls that something outside asks for. */
const nudgeSpacing = 50;
/** Gates in use beyond which those that hold nothing back are forgotten. */
const manyGates = 1000;

/** What a scheduler has done so far. */
export interface PollFigures {
  /** How many wait, or have ended and may be asked for. */
  readonly waiting: number;
  /** Answers that tasks have got. */
  readonly polls: number;
  /** Polls that gave them: one may answer many. */
  readonly questions: number;
  /** By which share of its interval the latest poll was late, first polls aside. */
  readonly worstDelay: number;
}

/**
 * Polls for all that waits in a process, on time: at once, then at each task's own intervals; together where tasks belong
 * together, and no faster than their endpoints take.
 */
export class PollScheduler {
  readonly #time: Timekeeper;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #heap = new TimerHeap<Waiting | PollStop>();
  readonly #waits = new Map<string, Waiting>();
  readonly #groups = new Map<string, Set<Waiting>>();
  readonly #gates = new Map<string, EndpointGate>();
  #alarm: { readonly due: number; readonly background: boolean; readonly cancel: AbortController } | undefined;
  /** How many waits a process stays alive for: those that nobody has to ask for. */
  #holding = 0;
  #polls = 0;
  #questions = 0;
  #worstDelay = 0;

  /** @param random from 0 to 1, for the jitter. */
  constructor(clock: Clock, random: () => number = Math.random) {
    this.#clock = clock;
    this.#random = random;
    this.#time = {
      elapsed: () => clock.elapsed?.() ?? clock.now(),
      sleep: (ms, signal, background) => clock.sleep(Math.min(ms, longestSleep), { signal, background }),
    };
  }

  /** The one that everything shares that goes by a clock. */
  static of(clock: Clock): PollScheduler {
    const byClock = FlyteContext.default().once(schedulers, () => new WeakMap<Clock, PollScheduler>());
    let scheduler = byClock.get(clock);
    if (scheduler === undefined) {
      scheduler = new PollScheduler(clock);
      byClock.set(clock, scheduler);
    }
    return scheduler;
  }

  /** How many wait, or have ended and may be asked for. */
  get size(): number {
    return this.#waits.size;
  }

  /** What it has done so far. */
  get figures(): PollFigures {
    return { waiting: this.size, polls: this.#polls, questions: this.#questions, worstDelay: this.#worstDelay };
  }

  /** What waits under a key, and notes that somebody asks for it. */
  get(key: string): Waiting | undefined {
    const waiting = this.#waits.get(key);
    if (waiting !== undefined) waiting.asked = this.#time.elapsed();
    return waiting;
  }

  /** Begins to wait, with a first poll at once; what waits under the key already goes on. */
  add(key: string, parts: WaitParts): Waiting {
    const known = this.get(key);
    if (known !== undefined) return known;
    const now = this.#time.elapsed();
    const waiting = new Waiting(key, parts, now, this.#clock.now());
    this.#waits.set(key, waiting);
    if (parts.lease === undefined) this.#holding++;
    const group = groupKey(waiting);
    if (group !== undefined) {
      const others = this.#groups.get(group) ?? new Set();
      this.#groups.set(group, others.add(waiting));
    }
    this.#plan(waiting, now);
    waiting.watch = parts.sensor.watch(parts.request, () => this.#nudge(waiting));
    return waiting;
  }

  /** Stops waiting. */
  remove(key: string): void {
    const waiting = this.#waits.get(key);
    if (waiting === undefined) return;
    this.#waits.delete(key);
    waiting.removed = true;
    waiting.leave?.();
    this.#heap.remove(waiting);
    this.#close(waiting);
    this.#arm();
  }

  /** What follows when a wait has ended or was removed, once. */
  #close(waiting: Waiting): void {
    if (waiting.closed) return;
    waiting.closed = true;
    if (waiting.parts.lease === undefined) this.#holding--;
    waiting.watch?.[Symbol.dispose]();
    waiting.watch = undefined;
    const group = groupKey(waiting);
    const others = group === undefined ? undefined : this.#groups.get(group);
    others?.delete(waiting);
    if (group !== undefined && others?.size === 0) this.#groups.delete(group);
  }

  #plan(timed: Waiting | PollStop, due: number): void {
    this.#heap.set(timed, due);
    this.#arm();
  }

  #nudge(waiting: Waiting): void {
    if (waiting.outcome !== undefined || waiting.removed) return;
    waiting.nudged = waiting.polling;
    const due = Math.max(this.#time.elapsed(), waiting.lastStart + nudgeSpacing);
    if (!waiting.polling && due < waiting.due) this.#plan(waiting, due);
  }

  /** Sleeps until something is due. */
  #arm(): void {
    const next = this.#heap.next;
    const background = this.#holding === 0;
    const { due = Infinity, background: was } = this.#alarm ?? {};
    if (this.#alarm !== undefined && due <= (next?.due ?? -Infinity) && was === background) return;
    this.#alarm?.cancel.abort(rearmed);
    this.#alarm = undefined;
    if (next === undefined) return;
    const alarm = { due: next.due, background, cancel: new AbortController() };
    this.#alarm = alarm;
    const ring = (): void => {
      if (this.#alarm !== alarm) return;
      this.#alarm = undefined;
      this.#ring();
    };
    const delay = next.due - this.#time.elapsed();
    // What is due now waits for no timer, only for whatever else is put in at the same time.
    if (delay <= 0) queueMicrotask(ring);
    else this.#time.sleep(delay, alarm.cancel.signal, background).then(ring, () => {});
  }

  #ring(): void {
    const now = this.#time.elapsed();
    const batches = new Map<unknown, Waiting[]>();
    for (let next = this.#heap.next; next !== undefined && next.due <= now + atOnce; next = this.#heap.next) {
      this.#heap.remove(next);
      if (next instanceof PollStop) {
        next.late();
        continue;
      }
      if (this.#isGivenUp(next, now)) continue;
      const together = groupKey(next) ?? next;
      const batch = batches.get(together);
      if (batch === undefined) batches.set(together, [next]);
      else batch.push(next);
    }
    for (const [group, batch] of batches) {
      for (const other of this.#groups.get(group as string) ?? []) {
        if (other.place === -1 || other.due > now + earlier * other.interval) continue;
        this.#heap.remove(other);
        batch.push(other);
      }
      void this.#poll(batch);
    }
    this.#arm();
  }

  /** Whether nobody has asked for a wait for too long; one that has ended is only kept to be asked for. */
  #isGivenUp(waiting: Waiting, now: number): boolean {
    const { lease } = waiting.parts;
    const until = waiting.asked + (lease ?? Infinity);
    if (until > now && waiting.outcome === undefined) return false;
    if (until > now) this.#heap.set(waiting, until);
    else this.remove(waiting.key);
    return true;
  }

  #gate({ endpoint, parts: { sensor } }: Waiting): EndpointGate {
    let gate = this.#gates.get(endpoint);
    if (gate === undefined) {
      if (this.#gates.size >= manyGates) {
        for (const [name, { idle }] of this.#gates) if (idle) this.#gates.delete(name);
      }
      gate = new EndpointGate(sensor.requestsPerSecond, this.#time);
      this.#gates.set(endpoint, gate);
    }
    return gate;
  }

  /** Polls for tasks that belong together, of which one at least is due. */
  async #poll(batch: readonly Waiting[]): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    const { surroundings } = first;
    const gate = this.#gate(first);
    const stop = new PollStop();
    let left = batch.length;
    const leave = (): void => {
      left--;
      if (left === 0) stop.end(new FlyteError("Cancelled", "nobody waits for this any more"));
    };
    for (const waiting of batch) {
      waiting.polling = true;
      waiting.leave = leave;
    }
    const timeout = Math.max(...batch.map(({ parts }) => parts.wait.pollTimeoutMs));
    const latest = Math.max(...batch.map(({ deadline }) => deadline)) + timeout;
    const ask = async (): Promise<void> => {
      this.#note(batch);
      stop.timeout = timeout;
      this.#plan(stop, this.#time.elapsed() + timeout);
      const context = { ...surroundings, signal: stop.signal, turn: () => gate.turn(stop.signal) };
      try {
        const answers = this.#answers(batch, context, stop.ended);
        await Promise.all(answers.map((answer, at) => this.#take(batch[at], answer, gate)));
      } finally {
        this.#heap.remove(stop);
        this.#arm();
      }
    };
    try {
      await gate.run(stop.signal, latest, ask);
    } catch (error) {
      // No turn, so no answer to any.
      for (const waiting of batch) waiting.lastStart = this.#time.elapsed();
      await Promise.all(batch.map((waiting) => this.#take(waiting, Promise.reject(error), gate)));
    }
  }

  #note(batch: readonly Waiting[]): void {
    const start = this.#time.elapsed();
    this.#questions++;
    this.#polls += batch.length;
    for (const waiting of batch) {
      const delay = waiting.lastStart === -Infinity ? 0 : (start - waiting.due) / waiting.interval;
      this.#worstDelay = Math.max(this.#worstDelay, delay);
      waiting.lastStart = start;
    }
  }

  /** One answer for each, none of which takes longer than the signal lets it. */
  #answers(batch: readonly Waiting[], context: PollContext, aborted: Promise<never>): readonly Promise<PollAnswer>[] {
    const [first] = batch;
    const requests = batch.map(({ parts }) => parts.request);
    const asked = async (): Promise<readonly Promise<PollAnswer>[]> => {
      if (first === undefined) return [];
      const { sensor } = first.parts;
      return batch.length === 1 ? [sensor.poll(first.parts.request, context)] : sensor.pollTogether(requests, context);
    };
    const answers = asked();
    return batch.map((_, at) => Promise.race([aborted, answers.then((given) => given[at] ?? noAnswer(first))]));
  }

  async #take(waiting: Waiting | undefined, answer: Promise<PollAnswer>, gate: EndpointGate): Promise<void> {
    if (waiting === undefined) return;
    let due: number | undefined;
    try {
      const said = await answer;
      if (waiting.removed) return;
      if ("found" in said) waiting.end(said);
      else due = waiting.afterAnswer(said, this.#time.elapsed(), this.#random());
    } catch (error) {
      if (waiting.removed) return;
      due = waiting.afterFault(error, this.#time.elapsed(), this.#random());
      if (due !== undefined && FlyteError.is(error) && error.code === "Throttled") {
        gate.pause(askedWait(error) ?? due - this.#time.elapsed());
      }
    }
    waiting.polling = false;
    waiting.leave = undefined;
    if (due === undefined) this.#ended(waiting);
    else this.#plan(waiting, due);
    if (waiting.nudged) this.#nudge(waiting);
  }

  #ended(waiting: Waiting): void {
    this.#close(waiting);
    const { lease } = waiting.parts;
    if (lease === undefined) this.#waits.delete(waiting.key);
    else this.#heap.set(waiting, this.#time.elapsed() + lease);
    this.#arm();
  }
}

/** The reason that ends a sleep; one for all, since making one costs as much as a poll. */
const rearmed = new FlyteError("Cancelled", "something else is due");

const schedulers = Symbol.for("flyte-ts.poll-schedulers");

/** Sensors of one kind that ask one endpoint for the same. */
function groupKey({ endpoint, group, parts: { sensor } }: Waiting): string | undefined {
  return group === undefined ? undefined : JSON.stringify([sensor.name, endpoint, group]);
}

function noAnswer(waiting: Waiting | undefined): never {
  const name = waiting?.parts.sensor.name ?? "";
  throw new FlyteError("InvalidDefinition", `pollTogether of the sensor ${name} gave fewer answers than requests`);
}
