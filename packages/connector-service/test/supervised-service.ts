/** A service in a process of its own, whose connections come from the test. */
import { ConnectorRegistry, silentLog } from "@flyte-ts/core/plugin";
import { serveConnectors, tellReady } from "../src/index.ts";
import { MemoryConnector } from "./memory-connector.ts";

const registry = new ConnectorRegistry();
registry.register("memory", new MemoryConnector());
const service = await serveConnectors({ registry, fromParent: true, log: silentLog, env: {} });
process.once("SIGTERM", () => {
  service.close().then(() => process.exit(0));
});
process.once("disconnect", () => process.exit(0));
tellReady();
