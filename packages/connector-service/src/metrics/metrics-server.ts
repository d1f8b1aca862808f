import { createServer, type Server } from "node:http";
import { FlyteError } from "@flyte-ts/core/plugin";
import type { Registry } from "prom-client";

/** The server that Prometheus asks. */
export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves `/metrics`, and `/healthz` with 200 or 503.
 * @throws FlyteError `Unavailable` when the port is taken.
 */
export async function serveMetrics(
  registry: Registry,
  {
    host,
    port,
    healthy,
  }: { readonly host: string | undefined; readonly port: number; readonly healthy: () => boolean },
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").replace(/\?.*$/, "");
    if (path === "/healthz") {
      response.statusCode = healthy() ? 200 : 503;
      response.end(healthy() ? "serving\n" : "not serving\n");
    } else if (path === "/metrics") {
      registry.metrics().then(
        (text) => response.setHeader("content-type", registry.contentType).end(text),
        (error: unknown) => {
          response.statusCode = 500;
          response.end(String(error));
        },
      );
    } else {
      response.statusCode = 404;
      response.end("there are /metrics and /healthz\n");
    }
  });
  return { port: await listening(server, host, port), close: () => closed(server) };
}

function listening(server: Server, host: string | undefined, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new FlyteError("Unavailable", `cannot serve metrics on port ${port}: ${cause.message}`, { cause })),
    );
    server.listen({ port, host }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
