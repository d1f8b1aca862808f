import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { type ConnectionMessage, isConnectionMessage } from "../serve/listen.ts";

/** Set to 1 for a child that takes over from one that still runs, and holds the port of metrics. */
export const replacesVariable = "FLYTE_TS_REPLACES";

/** What a child says when it serves. */
const readyMessage = "flyte-ts.ready";

/** A service in a process of its own, which is handed its connections. */
export class ServiceChild {
  /** Resolves with true when it serves, with false when it ends before. */
  readonly ready: Promise<boolean>;
  /** Resolves with its exit code when it has ended; 128 and more for a signal. */
  readonly ended: Promise<number>;
  readonly #process: ChildProcess;
  readonly #onLost: (socket: Socket) => void;
  /** The connections on their way to the child. */
  readonly #handed = new Map<number, Socket>();
  #connections = 0;
  #hasEnded = false;

  /**
   * @param command a program and its arguments, which end in `serveConnectors({ fromParent: true })`.
   * @param onLost takes back the connections that were on their way when the child ended.
   */
  constructor(
    command: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
    onLost: (socket: Socket) => void,
  ) {
    this.#onLost = onLost;
    const [program = process.execPath, ...args] = command;
    this.#process = spawn(program, args, { env, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.ended = new Promise((resolve) => {
      this.#process.once("error", () => this.#end(resolve, 127));
      this.#process.once("exit", (code, signal) => this.#end(resolve, code ?? (signal === "SIGKILL" ? 137 : 143)));
    });
    const serves = new Promise<boolean>((resolve) => {
      this.#process.on("message", (message) => {
        if (message === readyMessage) resolve(true);
        else if (isConnectionMessage(message, "flyte-ts.connected")) this.#arrived(message.connection);
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

  /** Hands a connection over; from its arrival on it is the child's alone. */
  take(socket: Socket): void {
    if (this.#hasEnded) {
      this.#onLost(socket);
      return;
    }
    this.#connections += 1;
    const connection = this.#connections;
    this.#handed.set(connection, socket);
    // one that is ending gives back what it has not taken
    if (!this.#process.connected) return;
    const message: ConnectionMessage = { kind: "flyte-ts.connection", connection };
    // it stays open here until it has arrived: a child that is being killed takes nothing with it
    this.#process.send(message, socket, { keepOpen: true }, () => {});
  }

  #arrived(connection: number): void {
    this.#handed.get(connection)?.destroy();
    this.#handed.delete(connection);
  }

  kill(signal: "SIGTERM" | "SIGINT" | "SIGKILL"): void {
    this.#process.kill(signal);
  }

  #end(resolve: (code: number) => void, code: number): void {
    this.#hasEnded = true;
    resolve(code);
    const sockets = [...this.#handed.values()];
    this.#handed.clear();
    for (const socket of sockets) if (!socket.destroyed) this.#onLost(socket);
  }
}

/** Tells the parent, if there is one, that this process serves. */
export function tellReady(): void {
  process.send?.(readyMessage);
}
