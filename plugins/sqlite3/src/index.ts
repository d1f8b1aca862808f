/**
 * A Flyte task that queries an SQLite database.
 * @module
 */
export type { Sqlite3Config } from "./config.ts";
export {
  Sqlite3Task,
  type Sqlite3TaskOptions,
  sqlite3Task,
} from "./task.ts";
