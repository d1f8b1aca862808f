import { createServer, type Socket } from "node:net";
import { FlyteError, type Log } from "@flyte-ts/core/plugin";
import { listenError } from "../serve/listen-error.ts";
import type { ListenOptions } from "../serve/serve-options.ts";
import { replacesVariable, ServiceChild } from "./child.ts";

/** What to supervise. */
export interface SuperviseOptions extends Pick<ListenOptions, "host" | "port"> {
  /** The service's program and arguments; it is started again whenever it ends. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly log: Log;
  /**
   * Milliseconds until the second restart in a row; it doubles with every further one, up to 500, or to 5,000 for a
   * service that does not come to serve. 100.
   */
  readonly backoffMs?: number | undefined;
  /** After how many starts in a row that never came to serve the supervisor gives up; 10. */
  readonly maxFailures?: number | undefined;
}

/** A supervisor that runs. */
export interface Supervisor {
  readonly port: number;
  /** The process id of the service, while there is one. */
  readonly pid: number | undefined;
  /** Resolves with the exit code when the service has ended for good. */
  readonly ended: Promise<number>;
  /** Starts a new service, hands it what comes from then on, and lets the old one finish its calls. */
  restart(): Promise<void>;
  /** Takes no more connections, and lets the service finish its calls; called again, it kills it. */
  close(): void;
}

/** A service that has run for so long was no failed start. */
const soundMs = 10_000;
/** The longest pause behind starts that fail, and behind services that had come to serve. */
const longestBackoffMs = 5_000;
const longestPauseMs = 500;

/**
 * Holds a port open and hands its connections to a service in a child process. A connection that comes while the service
 * starts again waits here for some tenths of a second, where it would otherwise be refused, and cost tasks their retries.
 * @throws FlyteError `InvalidInput` when the port is taken, and for a service whose own mistake keeps it from starting.
 */
export async function supervise(options: SuperviseOptions): Promise<Supervisor> {
  const { command, env = process.env, log, backoffMs = 100, maxFailures = 10 } = options;
  const { promise: ended, resolve: end } = Promise.withResolvers<number>();
  const waiting = new Set<Socket>();
  let current: ServiceChild | undefined;
  let latest: ServiceChild | undefined;
  /** Ends in a row that came soon after a start; starts in a row that never came to serve. */
  let crashes = 0;
  let failures = 0;
  let closing = false;

  // a socket that waits is not read, so that nothing of it is lost here
  const handOver = (socket: Socket): void => {
    if (closing) socket.destroy();
    else if (current === undefined || current.hasEnded) waiting.add(socket);
    else current.take(socket);
  };
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    socket.once("close", () => waiting.delete(socket));
    socket.on("error", () => socket.destroy());
    handOver(socket);
  });
  const port = await listening(server, options);

  const start = async (): Promise<boolean> => {
    const startedAt = Date.now();
    const replaces = current?.hasEnded === false;
    const child = new ServiceChild(command, replaces ? { ...env, [replacesVariable]: "1" } : env, handOver);
    latest = child;
    child.ended.then((code) => onEnd(child, code, startedAt));
    if (!(await child.ready)) return false;
    current = child;
    const sockets = [...waiting];
    waiting.clear();
    for (const socket of sockets) child.take(socket);
    log.info("the service runs", { pid: child.pid, port });
    return true;
  };

  const onEnd = (child: ServiceChild, code: number, startedAt: number): void => {
    if (closing) {
      if (child === latest) end(code);
      return;
    }
    // one that has been replaced may go
    if (child !== latest) return;
    if (current !== child && current?.hasEnded === false) {
      log.error("the new service does not start: the old one stays", { code });
      latest = current;
      return;
    }
    const wasReady = current === child;
    crashes = Date.now() - startedAt > soundMs ? 1 : crashes + 1;
    failures = wasReady ? 0 : failures + 1;
    // a user's mistake (a plugin that there is not) does not go away by starting again
    if (failures >= maxFailures || (crashes === 1 && !wasReady && code === 1)) {
      log.error("the service does not start", { code, failures });
      stop();
      end(code);
      return;
    }
    const longest = wasReady ? longestPauseMs : longestBackoffMs;
    const pause = crashes === 1 ? 0 : Math.min(backoffMs * 2 ** (crashes - 2), longest);
    log.warn("the service ended and is started again", { code, pause });
    setTimeout(() => {
      if (!closing) void start();
    }, pause);
  };

  const stop = (): void => {
    closing = true;
    server.close();
    for (const socket of waiting) socket.destroy();
  };

  if (!(await start()) && closing) {
    throw new FlyteError("InvalidInput", `the service does not start: it ends with ${await ended}`);
  }
  return {
    port,
    ended,
    get pid() {
      return current?.hasEnded === false ? current.pid : undefined;
    },
    async restart() {
      const old = current;
      log.info("a new service takes over", { pid: old?.pid });
      if (await start()) old?.kill("SIGTERM");
    },
    close() {
      const again = closing;
      stop();
      if (latest === undefined || latest.hasEnded) end(0);
      else latest.kill(again ? "SIGKILL" : "SIGTERM");
    },
  };
}

function listening(server: ReturnType<typeof createServer>, { host, port = 8000 }: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(listenError(`cannot listen at port ${port}${host === undefined ? "" : ` of ${host}`}`, cause)),
    );
    server.listen({ port, host, backlog: 511 }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
