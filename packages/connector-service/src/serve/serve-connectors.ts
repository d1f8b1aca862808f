import { ConnectorHost } from "@flyte-ts/core/plugin";
import { serverCredentials } from "../grpc/credentials.ts";
import { GrpcServer } from "../grpc/grpc-server.ts";
import { ConnectorHealth } from "../health/connector-health.ts";
import { ServiceHealth } from "../health/service-health.ts";
import { jsonLog } from "../log/json-log.ts";
import { type MetricsServer, serveMetrics } from "../metrics/metrics-server.ts";
import { ServiceMetrics } from "../metrics/service-metrics.ts";
import { BearerTokens } from "../services/bearer-tokens.ts";
import { Dispatcher } from "../services/dispatcher.ts";
import { addReflection } from "../services/reflection.ts";
import { addTaskServices, serviceNames } from "../services/task-services.ts";
import { replacesVariable } from "../supervise/child.ts";
import { tracingFrom } from "../tracing/tracing.ts";
import { listen } from "./listen.ts";
import { loadConnectors } from "./load-connectors.ts";
import { type ConnectorService, defaultServiceLimits, type ServeOptions } from "./serve-options.ts";
import { shutDown } from "./shut-down.ts";

/**
 * Serves connectors to Flyte v1 and v2 by gRPC.
 * @throws FlyteError `InvalidInput` for options that cannot be (files of certificates and tokens, a port that is taken),
 * `MissingPackage` when traces are asked for and their packages are not there; that of a plugin, if
 * `strict`.
 */
export async function serveConnectors(options: ServeOptions): Promise<ConnectorService> {
  const limits = { ...defaultServiceLimits, ...options.limits };
  const log = options.log ?? jsonLog();
  const health = new ServiceHealth();
  const connectors = new ConnectorHealth(health, log);
  const tls = serverCredentials(options.tls);
  const tokens = options.tokens === undefined ? undefined : new BearerTokens(options.tokens);
  const [registry, tracing] = await Promise.all([
    loadConnectors(options, connectors, log),
    tracingFrom(options.env ?? process.env),
  ]);
  const taskTypes = registry.list().flatMap((one) => one.taskTypes);
  const { storage, datasets, secrets } = options;
  const host = new ConnectorHost({
    registry,
    log,
    watch: connectors,
    ...(storage === undefined ? {} : { storage }),
    ...(datasets === undefined ? {} : { datasets }),
    ...(secrets === undefined ? {} : { secrets }),
    ...(options.hostLimits === undefined ? {} : { limits: options.hostLimits }),
  });
  const metrics = new ServiceMetrics(
    (taskType) => registry.has(taskType),
    () => dispatcher.running,
    () => connectors.serving(),
  );
  const dispatcher: Dispatcher = new Dispatcher({ log, metrics, tracing, tokens });

  const { maxRequestBytes: maxMessageBytes, keepaliveMs, maxConnectionAgeMs } = limits;
  const server = new GrpcServer({ maxMessageBytes, keepaliveMs, maxConnectionAgeMs, tls });
  addTaskServices(server, dispatcher, { host, registry });
  addReflection(server, dispatcher);
  health.addTo(server);
  const listener = await listen(options, (socket) => server.connect(socket));
  let metricsServer: MetricsServer | undefined;
  try {
    if (options.metricsPort !== undefined) {
      const replaces = options.fromParent === true && process.env[replacesVariable] === "1";
      const at = { host: options.host, port: options.metricsPort, healthy: () => health.serving, replaces };
      metricsServer = await serveMetrics(metrics.registry, at);
    }
  } catch (error) {
    listener.close();
    server.destroy();
    throw error;
  }
  for (const generation of Object.values(serviceNames)) {
    for (const name of Object.values(generation)) health.set(name, taskTypes.length > 0);
  }
  health.set("grpc.health.v1.Health", true);
  health.set("", taskTypes.length > 0);
  // a parent that holds the port names it
  const port = options.fromParent === true ? undefined : listener.port;
  log.info("serving connectors", { port, metricsPort: metricsServer?.port, taskTypes });

  let closing: Promise<void> | undefined;
  let hurry: (() => void) | undefined;
  return {
    port: listener.port,
    metricsPort: metricsServer?.port,
    taskTypes,
    close() {
      hurry?.();
      const now = new Promise<void>((resolve) => {
        hurry = resolve;
      });
      const parts = { server, listener, dispatcher, health, host, metricsServer, tracing, log, limits, now };
      closing ??= shutDown(parts);
      return closing;
    },
  };
}
