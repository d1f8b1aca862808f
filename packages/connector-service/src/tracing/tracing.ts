import type { Failure } from "../services/failure.ts";
import type { Rpc } from "../services/rpc.ts";

/** A call, as a trace shows it. */
export interface Span {
  /** Ends the span with what the call was about, and how it failed if it did. */
  end(rpc: Rpc, failure: Failure | undefined): void;
}

/** Makes spans of calls. */
export interface Tracing {
  start(rpc: Rpc): Span;
  /** Sends what has not been sent yet. */
  close(): Promise<void>;
}

/** The variables that say where traces go; without any of them there are none. */
const endpointVariables = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"] as const;

/**
 * Tracing as OpenTelemetry's variables ask for it (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_HEADERS`,
 * `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_EXPORTER=none`, `OTEL_SDK_DISABLED=true`); undefined where they
 * do not. Those of the sampler and of the batches its packages read from the process themselves. Its packages are loaded here
 * and nowhere else.
 * @throws FlyteError `MissingPackage` when they are not installed, with the line that installs them.
 */
export async function tracingFrom(env: Readonly<Record<string, string | undefined>>): Promise<Tracing | undefined> {
  const asked = endpointVariables.some((name) => (env[name] ?? "") !== "");
  if (!asked || env.OTEL_SDK_DISABLED === "true" || env.OTEL_TRACES_EXPORTER === "none") return undefined;
  const { openTelemetry } = await import("./open-telemetry.ts");
  return openTelemetry(env);
}
