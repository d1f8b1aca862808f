import type { ChildProcessWithoutNullStreams } from "node:child_process";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";

/**
 * A process that answers requests: one line of JSON each on its standard input, one line each, `{"ok": …}` or
 * `{"error": text}`, on its standard output, in their order. It ends when its input does, and keeps this process alive
 * only while a request waits.
 */
export class LineServer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #waiting: { readonly done: (answer: never) => void; readonly fail: (error: Error) => void }[] = [];
  #said = "";
  #ended: Error | undefined;

  constructor(process: ChildProcessWithoutNullStreams) {
    this.#process = process;
    process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#said = `${this.#said}${text}`.slice(-4000);
    });
    createInterface(process.stdout).on("line", (line) => {
      const waiting = this.#waiting.shift();
      if (this.#waiting.length === 0) this.#hold(false);
      const answer = JSON.parse(line) as { ok?: never; error?: string };
      if (answer.error === undefined) waiting?.done(answer.ok as never);
      else waiting?.fail(new Error(answer.error));
    });
    const end = (why: string): void => {
      this.#ended = new Error(`${process.spawnargs.join(" ")} ${why}: ${this.#said}`);
      for (const { fail } of this.#waiting) fail(this.#ended);
    };
    process.stdin.on("error", () => {});
    process.once("error", (error) => end(error.message));
    process.once("close", (status) => end(`ended with ${status}`));
    this.#hold(false);
  }

  /** Whether the process, and what it says, keep this one alive. */
  #hold(alive: boolean): void {
    const { stdout, stderr } = this.#process;
    for (const held of [this.#process, stdout as Socket, stderr as Socket]) {
      if (alive) held.ref();
      else held.unref();
    }
  }

  /** @throws Error with what the process says went wrong, or with its last words when it has ended. */
  ask<Answer>(request: object): Promise<Answer> {
    return new Promise((done, fail) => {
      if (this.#ended !== undefined) return fail(this.#ended);
      this.#waiting.push({ done, fail });
      this.#hold(true);
      this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    });
  }

  /** Ends the process. */
  close(): Promise<void> {
    return new Promise((done) => {
      if (this.#ended !== undefined) return done();
      this.#hold(true);
      this.#process.once("close", () => done());
      this.#process.stdin.end();
    });
  }
}
