import { runProcess } from "@flyte-ts/runtime";
import type { RunCommand } from "./command.ts";

/** `flyte-ts execute …`: the container's entrypoint `flyte-ts-execute`, with the same arguments. It ends the process. */
export const execute: RunCommand = (args) => runProcess(args);
