/**
 * A Flyte task that queries Amazon Athena.
 * @module
 */
export type { AthenaConfig, AthenaFormat } from "./config.ts";
export {
  type AthenaOutput,
  type AthenaOutputs,
  type AthenaRow,
  AthenaTask,
  type AthenaTaskOptions,
  athenaTask,
} from "./task.ts";
