import { createServer } from "node:http";
import { AgentMetadataService } from "@flyte-ts/idl/service";
import { expect, onTestFinished, test } from "vitest";
import { tracingFrom } from "../src/tracing/tracing.ts";
import { served } from "./served.ts";

test("a call is a span of its caller's trace, sent by OTLP", async () => {
  const bodies: Buffer[] = [];
  const collector = createServer((request, response) => {
    const parts: Buffer[] = [];
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
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint;
  onTestFinished(() => {
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  });
  const { service, client } = await served({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } });
  const trace = "0af7651916cd43dd8448eb211c80319c";
  const headers = { traceparent: `00-${trace}-b7ad6b7169203331-01` };
  await client.call(AgentMetadataService.method.listAgents, {}, { headers });
  client.close();
  await service.close();
  const sent = Buffer.concat(bodies);
  expect(sent.includes(Buffer.from(trace, "hex"))).toBe(true);
  expect(sent.toString("latin1")).toContain("flyteidl.service.AgentMetadataService/ListAgents");
});

test("without OpenTelemetry's variables there are no traces", async () => {
  expect(await tracingFrom({})).toBeUndefined();
  expect(await tracingFrom({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://x", OTEL_SDK_DISABLED: "true" })).toBeUndefined();
});
