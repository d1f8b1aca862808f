import { constants, type ServerHttp2Session } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { type ConnectorHost, FlyteError, type Log } from "@flyte-ts/core/plugin";
import type { Server } from "@grpc/grpc-js";
import type { Dispatcher } from "../grpc/dispatcher.ts";
import type { ServiceHealth } from "../health/service-health.ts";
import type { MetricsServer } from "../metrics/metrics-server.ts";
import type { Tracing } from "../tracing/tracing.ts";
import type { Listener } from "./listen.ts";
import type { ServiceLimits } from "./serve-options.ts";

/** All that has to end. */
export interface ShutDownParts {
  readonly server: Server;
  readonly listener: Listener;
  readonly dispatcher: Dispatcher;
  readonly health: ServiceHealth;
  readonly host: ConnectorHost;
  readonly metricsServer: MetricsServer | undefined;
  readonly tracing: Tracing | undefined;
  readonly log: Log;
  readonly limits: ServiceLimits;
  /** Resolves when somebody does not want to wait any longer. */
  readonly now: Promise<void>;
}

/** How long the ends of connections are waited for after the calls have ended, in milliseconds. */
const goodbyeMs = 500;

/** For how long no call may come until clients count as gone, in milliseconds: more than a message's way there and back. */
const quietMs = 100;

/** The number of the last stream that there can be: whatever is on its way is still answered. */
const lastStream = 2 ** 31 - 1;

/**
 * Asks all clients to send what comes next elsewhere. grpc-js would end a connection without streams at once, and a call
 * that is on its way to it would fail; so it is asked first, and ended when nothing comes any more. Its sessions are its
 * own: where a release of it keeps them elsewhere, its own way is what is left.
 * @returns whether there is anybody to wait for.
 */
function sayGoodbye(server: Server): boolean {
  const sessions: unknown = Reflect.get(server, "sessions");
  if (!(sessions instanceof Map)) return true;
  for (const session of sessions.keys() as IterableIterator<ServerHttp2Session>) {
    if (!session.destroyed && !session.closed) session.goaway(constants.NGHTTP2_NO_ERROR, lastStream);
  }
  return sessions.size > 0;
}

/** Resolves when no call is under way, and none has come for a while. */
async function quiet(dispatcher: Dispatcher, wait: (ms: number) => Promise<void>): Promise<void> {
  let before: number;
  do {
    await dispatcher.idle();
    before = dispatcher.begun;
    await wait(quietMs);
  } while (dispatcher.begun !== before || dispatcher.running > 0);
}

/** Ends a service: says "not serving", takes no connections, lets calls finish, then aborts what is left. */
export async function shutDown(parts: ShutDownParts): Promise<void> {
  const { server, listener, dispatcher, health, host, log, limits, now } = parts;
  log.info("draining", { running: dispatcher.running });
  health.drain();
  const stop = new AbortController();
  const wait = (ms: number): Promise<void> => sleep(ms, undefined, { signal: stop.signal }).catch(() => {});
  if (limits.drainDelayMs > 0) await Promise.race([wait(limits.drainDelayMs), now]);
  listener.close();
  if (sayGoodbye(server)) await Promise.race([quiet(dispatcher, wait), wait(limits.graceMs), now]);
  // streams of health and reflection never end by themselves
  const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  if (dispatcher.running > 0) {
    log.warn("calls are cut off", { running: dispatcher.running });
    dispatcher.abortAll(new FlyteError("Cancelled", "the connector service is ending"));
  }
  await Promise.race([closed, wait(goodbyeMs), now]);
  server.forceShutdown();
  await Promise.race([host.close(), wait(limits.graceMs), now]);
  await parts.metricsServer?.close();
  await parts.tracing?.close().catch((error: unknown) => log.warn(`traces were not sent: ${String(error)}`));
  stop.abort();
  log.info("ended");
}
