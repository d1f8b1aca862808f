import { createServer } from "node:http";
import { AgentMetadataService } from "@flyte-ts/idl/service";
import { expect, onTestFinished, test } from "vitest";
import { tracingFrom } from "../src/tracing/tracing.ts";
import { served } from "./served.ts";

test("a call is a span of its caller's trace, sent by OTLP", async () => {
  const bodies: Buffer[] = [];
  const asked: string[] = [];
  const collector = createServer((request, response) => {
    const parts: Buffer[] = [];
    asked.push(`${request.url} ${request.headers["x-tenant"]} ${request.headers["x-other"]}`);
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      bodies.push(Buffer.concat(parts));
      response.end();
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void collector.close());
  const address = collector.address();
  const endpoint = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const { service, client } = await served({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/`,
      OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=a%20b, x-other=c",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=staging,k8s.pod.name=pod-7",
    },
  });
  const trace = "0af7651916cd43dd8448eb211c80319c";
  const headers = { traceparent: `00-${trace}-b7ad6b7169203331-01` };
  await client.call(AgentMetadataService.method.listAgents, {}, { headers });
  client.close();
  await service.close();
  const sent = Buffer.concat(bodies);
  expect(sent.includes(Buffer.from(trace, "hex"))).toBe(true);
  const text = sent.toString("latin1");
  const found = ["flyteidl.service.AgentMetadataService/ListAgents", "flyte-ts-connector-service", "staging", "pod-7"];
  for (const one of found) expect(text).toContain(one);
  expect(new Set(asked)).toEqual(new Set(["/v1/traces a b c"]));
});

test("a protocol that is not spoken here is refused, with what would be right", async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4317", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" };
  await expect(served({ env })).rejects.toMatchObject({
    code: "InvalidInput",
    message: expect.stringMatching(
      /OTEL_EXPORTER_OTLP_PROTOCOL is "grpc", .* OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http\/protobuf/,
    ),
  });
  const right = { ...env, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/protobuf" };
  await (await tracingFrom(right))?.close();
});

test("without OpenTelemetry's variables there are no traces", async () => {
  expect(await tracingFrom({})).toBeUndefined();
  expect(await tracingFrom({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://x", OTEL_SDK_DISABLED: "true" })).toBeUndefined();
});
