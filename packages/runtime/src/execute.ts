/**
 * The program `flyte-ts-execute`.
 * @module
 */
import { holdLifeline } from "./isolate/lifeline.ts";
import { runProcess } from "./process/run-process.ts";

holdLifeline(process.env);
await runProcess(process.argv.slice(2), process.argv[1]);
