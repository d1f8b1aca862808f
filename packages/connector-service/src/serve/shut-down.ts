import { setTimeout as sleep } from "node:timers/promises";
import { type ConnectorHost, FlyteError, type Log } from "@flyte-ts/core/plugin";
import type { GrpcServer } from "../grpc/grpc-server.ts";
import type { ServiceHealth } from "../health/service-health.ts";
import type { MetricsServer } from "../metrics/metrics-server.ts";
import type { Dispatcher } from "../services/dispatcher.ts";
import type { Tracing } from "../tracing/tracing.ts";
import type { Listener } from "./listen.ts";
import type { ServiceLimits } from "./serve-options.ts";

/** All that has to end. */
export interface ShutDownParts {
  readonly server: GrpcServer;
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

/**
 * How long clients get to end their connections after the calls have ended, in milliseconds. One that is cut off with a
 * call on its way to it is reset, and the client sees neither the goodbye nor that nobody has taken its call.
 */
const goodbyeMs = 1000;

/** How often it is looked whether they have, in milliseconds. */
const lookMs = 10;

/** Ends a service: says "not serving", takes no connections, lets calls finish, then aborts what is left. */
export async function shutDown(parts: ShutDownParts): Promise<void> {
  const { server, listener, dispatcher, health, host, log, limits, now } = parts;
  log.info("draining", { running: dispatcher.running });
  health.drain();
  const stop = new AbortController();
  const wait = (ms: number): Promise<void> => sleep(ms, undefined, { signal: stop.signal }).catch(() => {});
  if (limits.drainDelayMs > 0) await Promise.race([wait(limits.drainDelayMs), now]);
  listener.close();
  // GOAWAY, with the number of the last call that was taken: clients send those behind it again, elsewhere. Streams of
  // health and reflection never end by themselves.
  server.goAway();
  await Promise.race([dispatcher.idle(), wait(limits.graceMs), now]);
  if (dispatcher.running > 0) {
    log.warn("calls are cut off", { running: dispatcher.running });
    dispatcher.abortAll(new FlyteError("Cancelled", "the connector service is ending"));
  }
  const gone = async (): Promise<void> => {
    for (let left = goodbyeMs / lookMs; left > 0 && server.connections > 0 && !stop.signal.aborted; left -= 1)
      await wait(lookMs);
  };
  await Promise.race([gone(), now]);
  server.destroy();
  await Promise.race([host.close(), wait(limits.graceMs), now]);
  await parts.metricsServer?.close();
  await parts.tracing?.close().catch((error: unknown) => log.warn(`traces were not sent: ${String(error)}`));
  stop.abort();
  log.info("ended");
}
