import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { connectionMessage } from "../serve/listen.ts";

/** What a child says when it serves. */
export const readyMessage = "flyte-ts.ready";

/** A service in a process of its own, which is handed its connections. */
export class ServiceChild {
  /** Resolves with true when it serves, with false when it ends before. */
  readonly ready: Promise<boolean>;
  /** Resolves with its exit code when it has ended; 128 and more for a signal. */
  readonly ended: Promise<number>;
  readonly #process: ChildProcess;
  #hasEnded = false;

  /** @param command a program and its arguments, which end in `serveConnectors({ fromParent: true })`. */
  constructor(command: readonly string[], env: Readonly<Record<string, string | undefined>>) {
    const [program = process.execPath, ...args] = command;
    this.#process = spawn(program, args, { env, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.ended = new Promise((resolve) => {
      this.#process.once("error", () => this.#end(resolve, 127));
      this.#process.once("exit", (code, signal) => this.#end(resolve, code ?? (signal === "SIGKILL" ? 137 : 143)));
    });
    const serves = new Promise<boolean>((resolve) => {
      this.#process.on("message", (message) => {
        if (message === readyMessage) resolve(true);
      });
    });
    this.ready = Promise.race([serves, this.ended.then(() => false)]);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Hands a connection over; from then on it is the child's alone. */
  take(socket: Socket): void {
    if (this.#hasEnded || !this.#process.connected) {
      socket.destroy();
      return;
    }
    this.#process.send(connectionMessage, socket, { keepOpen: false }, (error) => {
      if (error !== null) socket.destroy();
    });
  }

  kill(signal: "SIGTERM" | "SIGINT" | "SIGKILL"): void {
    this.#process.kill(signal);
  }

  #end(resolve: (code: number) => void, code: number): void {
    this.#hasEnded = true;
    resolve(code);
  }
}

/** Tells the parent, if there is one, that this process serves. */
export function tellReady(): void {
  process.send?.(readyMessage);
}
