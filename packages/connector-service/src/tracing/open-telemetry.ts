import { FlyteError } from "@flyte-ts/core/plugin";
import type { Context, Span as OtelSpan, TextMapGetter } from "@opentelemetry/api";
import type { Rpc } from "../grpc/rpc.ts";
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

/**
 * Spans of calls, sent by OTLP over HTTP. A W3C `traceparent` of the caller's is continued.
 * @throws FlyteError `MissingPackage` when one of OpenTelemetry's packages is not installed.
 */
export async function openTelemetry(env: Readonly<Record<string, string | undefined>>): Promise<Tracing> {
  const { api, core, resources, sdk, exporter } = await load();
  const attributes = { "service.name": env.OTEL_SERVICE_NAME ?? "flyte-ts-connector-service" };
  const resource = resources.defaultResource().merge(resources.resourceFromAttributes(attributes));
  const provider = new sdk.BasicTracerProvider({
    resource,
    spanProcessors: [new sdk.BatchSpanProcessor(new exporter.OTLPTraceExporter())],
  });
  const tracer = provider.getTracer("@flyte-ts/connector-service");
  const propagator = new core.W3CTraceContextPropagator();
  return {
    start(rpc) {
      const parent: Context = propagator.extract(api.ROOT_CONTEXT, rpc, headers);
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

const headers: TextMapGetter<Rpc> = {
  get: (rpc, name) => rpc.header(name),
  keys: () => ["traceparent", "tracestate"],
};

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
