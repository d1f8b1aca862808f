/**
 * Runs one Flyte task as its container does: in this process, or in one of its own.
 * @module
 */
export { commandNames } from "./arguments/command.ts";
export type { Environment } from "./container/environment.ts";
export type { LoadedTask } from "./container/task-run.ts";
export { type ExecuteContainerOptions, executeContainer } from "./execute-container.ts";
export { type ExecuteTaskOptions, executeTask, stoppedExitCode } from "./execute-task.ts";
export { type IsolateOptions, isolate } from "./isolate.ts";
export { runProcess } from "./process/run-process.ts";
