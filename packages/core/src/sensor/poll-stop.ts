import { FlyteError } from "../errors/flyte-error.ts";
import type { Timed } from "./timer-heap.ts";

/** What ends a poll before it answers: nobody wants the answer any more, or its time is up. */
export class PollStop implements Timed {
  due = 0;
  place = -1;
  /** Milliseconds that the poll may take. */
  timeout = 0;
  /** Rejects when the poll is ended. */
  readonly ended: Promise<never>;
  readonly #controller = new AbortController();
  readonly #ended = Promise.withResolvers<never>();

  constructor() {
    this.ended = this.#ended.promise;
    this.ended.catch(() => {});
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(reason: FlyteError): void {
    this.#controller.abort(reason);
    this.#ended.reject(reason);
  }

  late(): void {
    this.end(new FlyteError("Unavailable", `a poll took more than its ${this.timeout} ms (pollTimeout)`));
  }
}
