/**
 * The gRPC service through which Flyte v1 and v2 run connectors.
 * @module
 */

export type { TlsOptions } from "./grpc/credentials.ts";
export { type CheckHealthOptions, checkHealth, type HealthAnswer } from "./health/check-health.ts";
export { type JsonLogOptions, jsonLog } from "./log/json-log.ts";
export { serveConnectors } from "./serve/serve-connectors.ts";
export {
  type ConnectorService,
  defaultServiceLimits,
  type ListenOptions,
  type ServeOptions,
  type ServiceLimits,
} from "./serve/serve-options.ts";
export type { TokenOptions } from "./services/bearer-tokens.ts";
export { tellReady } from "./supervise/child.ts";
export { type SuperviseOptions, type Supervisor, supervise } from "./supervise/supervise.ts";
