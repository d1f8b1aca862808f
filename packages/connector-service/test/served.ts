import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConnectorRegistry, silentLog } from "@flyte-ts/core/plugin";
import { afterAll, onTestFinished } from "vitest";
import { type ConnectorService, type ServeOptions, serveConnectors } from "../src/index.ts";
import { FlyteClient } from "./flyte-client.ts";
import { MemoryConnector, MemorySyncConnector } from "./memory-connector.ts";

// a host leaves a note beside the outputs of a job whose start is not known of
const outputs = mkdtempSync(join(tmpdir(), "flyte-ts-served-"));
afterAll(() => rmSync(outputs, { recursive: true }));

/** A service with the two memory connectors (task types `memory` and `memory-sync`), and a client of it. */
export interface Served {
  readonly service: ConnectorService;
  readonly client: FlyteClient;
  readonly memory: MemoryConnector;
  readonly sync: MemorySyncConnector;
}

/** Serves for one test. */
export async function served(options: Partial<ServeOptions> = {}): Promise<Served> {
  const registry = new ConnectorRegistry();
  const memory = new MemoryConnector();
  const sync = new MemorySyncConnector();
  registry.register("memory", memory);
  registry.register("memory-sync", sync);
  const service = await serveConnectors({
    registry,
    host: "127.0.0.1",
    port: 0,
    log: silentLog,
    env: {},
    hostLimits: { cacheMs: 0 },
    ...options,
  });
  const client = new FlyteClient(service.port);
  onTestFinished(async () => {
    client.close();
    service.close();
    await service.close();
  });
  return { service, client, memory, sync };
}

/** A `CreateTaskRequest` of the task type `memory`. */
export const createRequest = (node: string, type = "memory", typeVersion = 0) => ({
  template: { type, taskTypeVersion: typeVersion, id: { name: "t", version: "1" }, custom: {} },
  outputPrefix: join(outputs, node, "0"),
  taskExecutionMetadata: executionOf(node),
});

/** Whose attempt it is. */
export const executionOf = (node: string) => ({
  taskExecutionId: {
    taskId: { name: "t", version: "1" },
    nodeExecutionId: { nodeId: node, executionId: { project: "p", domain: "d", name: "e" } },
    retryAttempt: 0,
  },
});
