/** Our service with a connector that does nothing: `node service.ts`; it prints its port. */
import { serveConnectors } from "@flyte-ts/connector-service";
import { ConnectorRegistry, silentLog } from "@flyte-ts/core/plugin";
import { taskType } from "./requests.ts";
import { trivialConnector } from "./trivial-connector.ts";

const registry = new ConnectorRegistry();
registry.register(taskType, trivialConnector);
const { port } = await serveConnectors({ registry, host: "127.0.0.1", port: 0, log: silentLog });
console.log(`port ${port}`);
