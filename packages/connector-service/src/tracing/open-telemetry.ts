import { FlyteError } from "@flyte-ts/core/plugin";
import type { Context, Span as OtelSpan, TextMapGetter } from "@opentelemetry/api";
import type { Rpc } from "../services/rpc.ts";
import type { Tracing } from "./tracing.ts";

/**
 * What tracing needs beside this package, in versions that go together: none of it is loaded, or has to be there, where
 * nobody asks for traces.
 */
const packages = [
  "@opentelemetry/api@1.9",
  "@opentelemetry/core@2",
  "@opentelemetry/resources@2",
  "@opentelemetry/sdk-trace-base@2",
  "@opentelemetry/exporter-trace-otlp-proto@0.223",
] as const;

/** Variables by name. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Spans of calls, sent by OTLP over HTTP. A W3C `traceparent` of the caller's is continued.
 * @throws FlyteError `MissingPackage` when one of OpenTelemetry's packages is not installed; `InvalidInput` for a protocol that
 * is not spoken here.
 */
export async function openTelemetry(env: Environment): Promise<Tracing> {
  const { api, core, resources, sdk, exporter } = await load();
  const resource = resources.defaultResource().merge(resources.resourceFromAttributes(attributesIn(env)));
  const { url, headers } = destinationIn(env);
  const provider = new sdk.BasicTracerProvider({
    resource,
    spanProcessors: [new sdk.BatchSpanProcessor(new exporter.OTLPTraceExporter({ url, headers }))],
  });
  const tracer = provider.getTracer("@flyte-ts/connector-service");
  const propagator = new core.W3CTraceContextPropagator();
  return {
    start(rpc) {
      const parent: Context = propagator.extract(api.ROOT_CONTEXT, rpc, callHeaders);
      const [, service = "", method = ""] = rpc.path.split("/");
      const options = {
        kind: api.SpanKind.SERVER,
        attributes: { "rpc.system": "grpc", "rpc.service": service, "rpc.method": method },
      };
      const span: OtelSpan = tracer.startSpan(rpc.path.slice(1), options, parent);
      return {
        end(ended, failure) {
          span.setAttribute("rpc.grpc.status_code", failure?.code ?? 0);
          if (ended.taskType !== "") span.setAttribute("flyte.task_type", ended.taskType);
          span.setAttribute("flyte.request_id", ended.id);
          if (failure !== undefined) span.setStatus({ code: api.SpanStatusCode.ERROR, message: failure.message });
          span.end();
        },
      };
    },
    close: () => provider.shutdown(),
  };
}

const callHeaders: TextMapGetter<Rpc> = {
  get: (rpc, name) => rpc.header(name),
  keys: () => ["traceparent", "tracestate"],
};

/** What `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` say of this process. */
function attributesIn(env: Environment): Record<string, string> {
  const given = pairsIn(env.OTEL_RESOURCE_ATTRIBUTES);
  const name = env.OTEL_SERVICE_NAME ?? given["service.name"] ?? "flyte-ts-connector-service";
  return { ...given, "service.name": name };
}

/**
 * Where traces go: a URL for them alone, or that of all signals, below which theirs is fixed.
 * @throws FlyteError `InvalidInput` for a protocol that is not spoken here.
 */
function destinationIn(env: Environment): { readonly url: string; readonly headers: Record<string, string> } {
  const name = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL
    ? "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"
    : "OTEL_EXPORTER_OTLP_PROTOCOL";
  const protocol = env[name] || "http/protobuf";
  if (protocol !== "http/protobuf") {
    throw new FlyteError(
      "InvalidInput",
      `${name} is "${protocol}", and traces go out by http/protobuf: set OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf, ` +
        "and name a port of the collector's that takes it (4318)",
    );
  }
  const all = (env.OTEL_EXPORTER_OTLP_ENDPOINT ?? "").replace(/\/+$/, "");
  const headers = { ...pairsIn(env.OTEL_EXPORTER_OTLP_HEADERS), ...pairsIn(env.OTEL_EXPORTER_OTLP_TRACES_HEADERS) };
  return { url: env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || `${all}/v1/traces`, headers };
}

/** `name=value` with commas between them, percent-encoded, as OpenTelemetry's variables have them. */
function pairsIn(text = ""): Record<string, string> {
  const pairs = text.split(",").flatMap((pair) => {
    const [, name = "", value = ""] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
    return name === "" ? [] : [[name, decoded(value)] as const];
  });
  return Object.fromEntries(pairs);
}

/** A value that is not percent-encoded after all stands for itself. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

async function load() {
  try {
    const [api, core, resources, sdk, exporter] = await Promise.all([
      import("@opentelemetry/api"),
      import("@opentelemetry/core"),
      import("@opentelemetry/resources"),
      import("@opentelemetry/sdk-trace-base"),
      import("@opentelemetry/exporter-trace-otlp-proto"),
    ]);
    return { api, core, resources, sdk, exporter };
  } catch (cause) {
    throw new FlyteError(
      "MissingPackage",
      `traces were asked for (OTEL_EXPORTER_OTLP_ENDPOINT), and need: npm install ${packages.join(" ")}`,
      { cause },
    );
  }
}
