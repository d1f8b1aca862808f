/**
 * A Flyte task that queries an SQLite database.
 * @module
 */
export type { Sqlite3Config } from "./config.ts";
export {
  type Sqlite3Output,
  type Sqlite3Outputs,
  type Sqlite3Row,
  Sqlite3Task,
  type Sqlite3TaskOptions,
  sqlite3Task,
} from "./task.ts";
