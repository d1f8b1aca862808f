import { FlyteError } from "../errors/flyte-error.ts";
import type { TimerWheel } from "./timer-wheel.ts";

/** One call of a connector's method. */
export class LiveCall {
  #controller: AbortController | undefined;
  #reason: unknown;

  /** Aborted when the call's time is over; made when first asked for. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  get ended(): boolean {
    return this.#reason !== undefined;
  }

  end(reason: unknown): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}

/** The calls of connectors that are under way: each has its own time, and all end with the host. */
export class LiveCalls {
  readonly #wheel: TimerWheel;
  readonly #running = new Map<LiveCall, (reason: unknown) => void>();
  #closed: unknown;

  constructor(wheel: TimerWheel) {
    this.#wheel = wheel;
  }

  /**
   * What `run` gives, or a rejection as soon as its time is over: a connector that does not heed its signal is left
   * behind.
   * @throws FlyteError `Unavailable` after `ms` milliseconds, `Cancelled` when the host closes, and what `run` throws.
   */
  run<T>(ms: number, what: string, call: LiveCall, run: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const over = (reason: unknown): void => {
        call.end(reason);
        done();
        reject(reason);
      };
      if (this.#closed !== undefined) {
        call.end(this.#closed);
        reject(this.#closed);
        return;
      }
      this.#running.set(call, over);
      const stop = this.#wheel.after(ms, () => {
        over(new FlyteError("Unavailable", `${what} gave no answer within ${ms} ms`));
      });
      const done = (): void => {
        stop();
        this.#running.delete(call);
      };
      const failed = (error: unknown): void => {
        done();
        reject(error);
      };
      try {
        run().then((value) => {
          done();
          resolve(value);
        }, failed);
      } catch (error) {
        failed(error);
      }
    });
  }

  /** Ends a call from outside. */
  end(call: LiveCall, reason: unknown): void {
    this.#running.get(call)?.(reason);
  }

  /** Ends all calls, and every later one. */
  close(reason: unknown): void {
    this.#closed = reason;
    for (const over of [...this.#running.values()]) over(reason);
  }
}
