/**
 * The program `flyte-ts-execute`.
 * @module
 */
import { runProcess } from "./process/run-process.ts";

await runProcess(process.argv.slice(2), process.argv[1]);
