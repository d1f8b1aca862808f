import { existsSync, mkdirSync, renameSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { callPython, pythonProgram } from "@flyte-ts/interop/python";
import Database from "better-sqlite3";
import type { Turn } from "./bench-case.ts";
import { benchFile, installed } from "./paths.ts";

/** A database with one table of `rows` rows and 6 columns; made once. */
function database(rows: number): string {
  const file = benchFile(".cache", `rows-${rows}.db`);
  if (existsSync(file)) return file;
  mkdirSync(benchFile(".cache"), { recursive: true });
  const partial = `${file}.part`;
  const made = new Database(partial);
  made.exec(`
    create table t (id integer, price real, name text, stamp text, flag integer, big integer);
    insert into t
      with recursive n(i) as (select 1 union all select i + 1 from n where i < ${rows})
      select i, i * 0.25, 'name of row ' || i, '2024-01-02 03:04:05', i % 2, i * 1000003 from n`);
  made.close();
  renameSync(partial, file);
  return file;
}

/** The turns of a task that flytekit serialised, for our entrypoint and for flytekit's, on the same files. */
export async function sqliteTurns(
  folder: string,
  rows: number,
  query: string,
  env: { readonly ours?: Readonly<Record<string, string>>; readonly peer?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly ours: Turn; readonly peer: Turn }> {
  await mkdir(folder, { recursive: true });
  const asked = {
    folder,
    query,
    uri: database(rows),
    compressed: false,
    output: "schema",
    inputs: { limit: ["int", rows] },
  };
  const args = await callPython<string[]>("write_sqlite_task", asked);
  const inputs = join(folder, "inputs.pb");
  const template = join(folder, "task.pb");
  const loader = args.slice(args.indexOf("--") + 1).map((arg) => (arg.startsWith("{{") ? template : arg));
  const resolver = args[args.indexOf("--resolver") + 1] ?? "";
  const turn =
    (program: string, variables: Readonly<Record<string, string>> = {}): Turn =>
    (place) => ({
      argv: [
        program,
        "--inputs",
        inputs,
        "--output-prefix",
        join(place, "out"),
        "--raw-output-data-prefix",
        join(place, "raw"),
        "--resolver",
        resolver,
        "--",
        ...loader,
      ],
      env: { FLYTE_TS_PLUGINS: "@flyte-ts/sqlite3", ...variables },
      cwd: benchFile(),
      awaits: join(place, "out", "outputs.pb"),
    });
  return {
    ours: turn(installed("flyte-ts-execute"), env.ours),
    peer: turn(pythonProgram("pyflyte-execute"), env.peer),
  };
}
