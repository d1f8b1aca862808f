/**
 * Our connector service with the sensor of object stores: `node service.ts FIGURES_PORT`. It prints its port, and gives
 * its figures by HTTP on the other.
 */
import { createServer } from "node:http";
import { serveConnectors } from "@flyte-ts/connector-service";
import { PluginSet, PollScheduler, silentLog, systemClock } from "@flyte-ts/core/plugin";
import manifest from "@flyte-ts/object-store-sensor/plugin";

const plugins = new PluginSet([manifest]);
const { port } = await serveConnectors({ plugins, host: "127.0.0.1", port: 0, log: silentLog });
createServer((_request, response) => {
  response.end(JSON.stringify(PollScheduler.of(systemClock).figures));
}).listen(Number(process.argv[2]), "127.0.0.1");
console.log(`port ${port}`);
