import { createServer, type Server } from "node:http";
import type { Registry } from "prom-client";
import { listenError } from "../serve/listen-error.ts";

/** The server that Prometheus asks. */
export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** What is served, and where. */
export interface MetricsServerOptions {
  readonly host: string | undefined;
  readonly port: number;
  readonly healthy: () => boolean;
  /** True where another service has the port and is about to end: it is waited for, in the background. */
  readonly replaces?: boolean | undefined;
}

/** Milliseconds between two tries to have a port that a service still holds. */
const retryMs = 200;

/**
 * Serves `/metrics`, and `/healthz` with 200 or 503.
 * @throws FlyteError `InvalidInput` when the port is taken, by another than the service that this one replaces.
 */
export async function serveMetrics(
  registry: Registry,
  { host, port, healthy, replaces = false }: MetricsServerOptions,
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
  try {
    return { port: await listening(server, host, port), close: () => closed(server) };
  } catch (error) {
    if (!replaces || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") {
      throw listenError(`cannot serve metrics at port ${port}`, error as Error);
    }
  }
  const again = setInterval(() => {
    listening(server, host, port).then(
      () => clearInterval(again),
      () => {}, // it is still there
    );
  }, retryMs);
  again.unref();
  return {
    port,
    close() {
      clearInterval(again);
      return closed(server);
    },
  };
}

function listening(server: Server, host: string | undefined, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host }, () => {
      server.off("error", reject);
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
