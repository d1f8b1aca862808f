/**
 * A Flyte task that queries Amazon Athena.
 * @module
 */
export type { AthenaConfig, AthenaFormat } from "./config.ts";
export {
  AthenaTask,
  type AthenaTaskOptions,
  athenaTask,
} from "./task.ts";
