import { FlyteError } from "@flyte-ts/core/plugin";
import type { RunCommand } from "./command.ts";

const help = `Serves what Flyte calls.

Usage:
  flyte-ts serve connector [options]   connectors, to Flyte v1 and v2

flyte-ts serve connector --help says more.
`;

/** `flyte-ts serve connector …`; `agent`, flytekit's older word, does the same. */
export const serve: RunCommand = async ([what, ...args], context) => {
  if (what === "connector" || what === "agent") {
    const { serveConnector } = await import("./serve-connector.ts");
    return serveConnector(args, context);
  }
  if (what === undefined || what === "--help" || what === "-h") {
    process.stdout.write(help);
    return 0;
  }
  throw new FlyteError(
    "InvalidInput",
    `flyte-ts serve: there is nothing called "${what}" to serve; say: flyte-ts serve connector`,
  );
};
