import { FlyteError } from "../errors/flyte-error.ts";
import type { TimerWheel, WheelTimer } from "./timer-wheel.ts";

/** One call of a connector's method. */
export class LiveCall {
  readonly #controller = new AbortController();
  #reason: unknown;
  /** Set while the call is under way: leaves it behind. */
  leave: ((reason: unknown) => void) | undefined;
  /** Where it stands among the calls that are under way. */
  place = 0;

  /** Aborted when the call's time is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get ended(): boolean {
    return this.#reason !== undefined;
  }

  end(reason: unknown): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller.abort(reason);
  }
}

/** The calls of connectors that are under way: each has its own time, and all end with the host. */
export class LiveCalls {
  readonly #wheel: TimerWheel;
  /** Each knows its place: a set makes its table anew with every few calls that come and go. */
  readonly #running: LiveCall[] = [];
  #closed: unknown;

  constructor(wheel: TimerWheel) {
    this.#wheel = wheel;
  }

  /**
   * What `run` gives, or a rejection as soon as its time is over: a connector that does not heed its signal is left
   * behind.
   * @throws FlyteError `Unavailable` after `ms` milliseconds, `Cancelled` when the host closes, and what `run` throws.
   */
  run<T>(ms: number, what: string, call: LiveCall, run: (call: LiveCall) => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) {
      call.end(this.#closed);
      return Promise.reject(this.#closed);
    }
    return new Promise<T>((resolve, reject) => {
      const timer = this.#wheel.after(ms, () => {
        this.end(call, new FlyteError("Unavailable", `${what} gave no answer within ${ms} ms`));
      });
      const failed = (reason: unknown): void => {
        this.#done(call, timer);
        reject(reason);
      };
      call.leave = failed;
      call.place = this.#running.push(call) - 1;
      try {
        run(call).then((value) => {
          this.#done(call, timer);
          resolve(value);
        }, failed);
      } catch (thrown) {
        failed(thrown);
      }
    });
  }

  #done(call: LiveCall, timer: WheelTimer): void {
    if (call.leave === undefined) return;
    call.leave = undefined;
    timer.stop();
    const last = this.#running.pop();
    if (last === undefined || last === call) return;
    this.#running[call.place] = last;
    last.place = call.place;
  }

  /** Ends a call from outside. */
  end(call: LiveCall, reason: unknown): void {
    const { leave } = call;
    if (leave === undefined) return;
    call.end(reason);
    leave(reason);
  }

  /** Ends all calls, and every later one. */
  close(reason: unknown): void {
    this.#closed = reason;
    for (const call of [...this.#running]) this.end(call, reason);
  }
}
