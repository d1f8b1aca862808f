import { createServer, Socket } from "node:net";
import { listenError } from "./listen-error.ts";
import type { ListenOptions } from "./serve-options.ts";

/** Takes connections. */
export interface Listener {
  /** 0 where there is none of its own. */
  readonly port: number;
  /** Takes no more connections; those that are there stay. */
  close(): void;
}

/** What a parent sends with a connection, and is answered as soon as that has arrived. */
export interface ConnectionMessage {
  readonly kind: "flyte-ts.connection" | "flyte-ts.connected";
  /** Which connection it is, to the parent. */
  readonly connection: number;
}

/** True for a message of the kind. */
export function isConnectionMessage(message: unknown, kind: ConnectionMessage["kind"]): message is ConnectionMessage {
  return typeof message === "object" && message !== null && (message as Partial<ConnectionMessage>).kind === kind;
}

/**
 * Listens, and hands over each connection.
 * @throws FlyteError `InvalidInput` for a port that is taken, an address of others, a descriptor that is no socket.
 */
export function listen(options: ListenOptions, onConnection: (socket: Socket) => void): Promise<Listener> {
  return options.fromParent === true ? listenToParent(onConnection) : listenAtPort(options, onConnection);
}

async function listenToParent(onConnection: (socket: Socket) => void): Promise<Listener> {
  const onMessage = (message: unknown, handle: unknown): void => {
    if (!isConnectionMessage(message, "flyte-ts.connection") || !(handle instanceof Socket)) return;
    process.send?.({ kind: "flyte-ts.connected", connection: message.connection } satisfies ConnectionMessage);
    handle.setNoDelay(true);
    onConnection(handle);
  };
  process.on("message", onMessage);
  return { port: 0, close: () => process.off("message", onMessage) };
}

function listenAtPort(
  { host, port = 8000, fd }: ListenOptions,
  onConnection: (socket: Socket) => void,
): Promise<Listener> {
  const server = createServer({ noDelay: true }, onConnection);
  const where = fd === undefined ? `port ${port}${host === undefined ? "" : ` of ${host}`}` : `file descriptor ${fd}`;
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(listenError(`cannot listen at ${where}`, cause)));
    server.once("listening", () => {
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : 0;
      resolve({ port: bound, close: () => server.close() });
    });
    if (fd === undefined) server.listen({ port, host, backlog: 511 });
    else server.listen({ fd });
  });
}
