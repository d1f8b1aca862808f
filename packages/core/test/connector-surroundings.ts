import {
  type Connector,
  ConnectorHost,
  type ConnectorHostOptions,
  ConnectorRegistry,
  StorageRegistry,
  silentLog,
  type TaskRequest,
  TaskTemplate,
} from "@flyte-ts/core/plugin";
import { ManualClock, taskRequest } from "@flyte-ts/core/testing";
import { MemoryStorage } from "./memory-storage.ts";

const counted = TaskTemplate.fromJson({
  id: { project: "p", domain: "d", name: "count", version: "v1" },
  type: "counted",
  interface: { outputs: { variables: { rows: { type: { simple: "INTEGER" } } } } },
});

/** The request of an attempt. */
export function requestOf(changes: Partial<TaskRequest> = {}): TaskRequest {
  const { template = counted, ...others } = changes;
  return taskRequest(template, { outputPrefix: "mem://bucket/metadata/e1/n0/data/0", ...others });
}

/** What hosts under test share: the clock, the store, and the vendor behind the connector. */
export class Surroundings {
  readonly clock: ManualClock;
  readonly memory = new MemoryStorage();
  readonly storage = new StorageRegistry();
  readonly registry = new ConnectorRegistry();
  readonly category = { name: "counted", version: 0 };

  constructor(connector: Connector, clock = new ManualClock()) {
    this.clock = clock;
    this.storage.register("mem", async () => this.memory);
    this.registry.register("counted", connector);
  }

  /** A host; another one knows nothing of what this one remembers. */
  host(options: Partial<ConnectorHostOptions> = {}): ConnectorHost {
    const { registry, storage, clock } = this;
    return new ConnectorHost({ registry, storage, clock, log: silentLog, random: () => 0.5, ...options });
  }
}

/** What a promise comes to, time passing as long as it does not settle. */
export async function passing<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let done = false;
  promise.finally(() => (done = true)).catch(() => {});
  for (let step = 0; !done && step < 2_400; step += 1) await clock.pass(250);
  return promise;
}
