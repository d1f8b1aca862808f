import type {
  ConnectorHostLimits,
  ConnectorRegistry,
  ConnectorSecrets,
  DatasetStore,
  Log,
  PluginSet,
  StorageRegistry,
} from "@flyte-ts/core/plugin";
import type { TlsOptions } from "../grpc/credentials.ts";
import type { TokenOptions } from "../services/bearer-tokens.ts";

/** Where connections come from. */
export interface ListenOptions {
  /** The address to listen at; every one of the machine unless given. */
  readonly host?: string | undefined;
  /** The port of gRPC, 0 for a free one; 8000 unless given. */
  readonly port?: number | undefined;
  /**
   * A socket that somebody else has opened and keeps open (systemd's socket activation: 3), in the place of a port: no
   * connection is refused while this process starts again.
   */
  readonly fd?: number | undefined;
  /** True: connections are handed over by the parent process, which holds the port (`supervise`). */
  readonly fromParent?: boolean | undefined;
}

/** The sizes and times of the service. */
export interface ServiceLimits {
  /** The most bytes of a request; inputs travel inside. 64 MiB. */
  readonly maxRequestBytes: number;
  /** Milliseconds between the pings that find clients that are gone; 120,000. */
  readonly keepaliveMs: number;
  /**
   * Milliseconds after which a connection is ended gracefully, so that clients spread over new replicas; 0 for never, as
   * it is unless given.
   */
  readonly maxConnectionAgeMs: number;
  /** Milliseconds that calls get to finish when the service ends; 25,000, below Kubernetes' 30 seconds. */
  readonly graceMs: number;
  /** Milliseconds between "not serving" and the end of listening, for load balancers to notice; 0. */
  readonly drainDelayMs: number;
}

/** The limits that hold where none are given. */
export const defaultServiceLimits: ServiceLimits = {
  maxRequestBytes: 64 * 2 ** 20,
  keepaliveMs: 120_000,
  maxConnectionAgeMs: 0,
  graceMs: 25_000,
  drainDelayMs: 0,
};

/** What to serve, and how. */
export interface ServeOptions extends ListenOptions {
  /** Plugins, whose connectors are loaded before the service listens. */
  readonly plugins?: PluginSet | undefined;
  /** Connectors beside those of plugins. */
  readonly registry?: ConnectorRegistry | undefined;
  /** True: a connector that cannot be loaded is an error. Otherwise its health says so, and the others serve. */
  readonly strict?: boolean | undefined;
  /** The port of `/metrics` and `/healthz`, 0 for a free one; none unless given. */
  readonly metricsPort?: number | undefined;
  readonly tls?: TlsOptions | undefined;
  /** Clients must show one of these; everybody may call unless given. */
  readonly tokens?: TokenOptions | undefined;
  readonly limits?: Partial<ServiceLimits> | undefined;
  /** The patience of the jobs behind the service. */
  readonly hostLimits?: Partial<ConnectorHostLimits> | undefined;
  /** Where log lines go; JSON on standard output unless given. */
  readonly log?: Log | undefined;
  readonly storage?: StorageRegistry | undefined;
  readonly datasets?: DatasetStore | undefined;
  /** Where connectors find secrets; environment and files, as Flyte mounts them, unless given. */
  readonly secrets?: ConnectorSecrets | undefined;
  /** Where OpenTelemetry's variables are looked for; the process's own unless given. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** A service that runs. */
export interface ConnectorService {
  /** The port of gRPC; 0 where connections come from a parent or a socket without one. */
  readonly port: number;
  readonly metricsPort: number | undefined;
  /** The task types that are served. */
  readonly taskTypes: readonly string[];
  /**
   * Drains and ends: health says "not serving", no connection is taken any more, the calls under way are finished or,
   * after the grace period, aborted. Called again, it ends at once.
   */
  close(): Promise<void>;
}
