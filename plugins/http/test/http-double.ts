import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { SyncVendorDouble, VendorFault } from "@flyte-ts/core/testing";

/** A service on loopback that says what it was sent, and fails on demand. */
export class HttpDouble implements SyncVendorDouble {
  requests = 0;
  readonly tellsRetryAfter = true;
  readonly #server: Server;
  #faults: { readonly fault: Omit<VendorFault, "on">; left: number }[] = [];

  private constructor() {
    this.#server = createServer(async (request, response) => {
      this.requests++;
      const body = (await request.setEncoding("utf8").toArray()).join("");
      this.#answer(String(request.headers["x-token"]), body, response);
    });
  }

  /** Starts one on a free port. */
  static async start(): Promise<HttpDouble> {
    const double = new HttpDouble();
    await new Promise<void>((resolve) => double.#server.listen(0, "127.0.0.1", resolve));
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  fault(fault: Omit<VendorFault, "on">): void {
    this.#faults.push({ fault, left: fault.times });
  }

  mend(): void {
    this.#faults = [];
  }

  #answer(token: string, body: string, response: ServerResponse): void {
    const found = this.#faults.find(({ left }) => left > 0);
    if (found === undefined) return void response.end(JSON.stringify({ got: body }));
    found.left--;
    const { kind, message = "", retryAfterMs } = found.fault;
    if (retryAfterMs !== undefined) response.setHeader("retry-after", String(Math.ceil(retryAfterMs / 1000)));
    switch (kind) {
      case "unavailable":
        return void response.writeHead(503).end("unavailable");
      case "throttle":
        return void response.writeHead(429).end("too many");
      case "reject":
        return void response.writeHead(400).end(message);
      case "refuse":
        return void response.writeHead(403).end(`${message} (you are ${token})`);
      case "lose":
        return void response.destroy();
      case "hang":
    }
  }
}
