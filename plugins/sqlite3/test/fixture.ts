import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TaskTemplate } from "@flyte-ts/core/plugin";
import { localTaskContext } from "@flyte-ts/core/testing";
import Database from "better-sqlite3";
import { afterAll } from "vitest";
import { Sqlite3Executor } from "../src/executor.ts";

/** A folder of its own for a test file, gone afterwards. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "flyte-ts-sqlite3-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes a database from SQL, and returns its path. */
export function makeDatabase(path: string, sql: string): string {
  const database = new Database(path);
  database.exec(sql);
  database.close();
  return path;
}

/** Writes a file, and returns its path. */
export function makeFile(path: string, content: string | Uint8Array): string {
  writeFileSync(path, content);
  return path;
}

/** A literal type in protobuf's JSON: `{ simple: "INTEGER" }`. */
export type JsonType = Readonly<Record<string, unknown>>;

/** What a template under test says. */
export interface TemplateParts {
  readonly query: unknown;
  readonly uri: unknown;
  readonly compressed?: unknown;
  readonly inputs?: Readonly<Record<string, JsonType>>;
  /** The output `results`; a structured dataset with any columns by default, null for none. */
  readonly results?: JsonType | null;
  readonly outputs?: Readonly<Record<string, JsonType>>;
}

const variables = (types: Readonly<Record<string, JsonType>>) => ({
  variables: Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type }])),
});

/** A template as flytekit's `SQLite3Task` or ours serialises it. */
export function templateOf({
  query,
  uri,
  compressed = false,
  inputs = {},
  results,
  outputs,
}: TemplateParts): TaskTemplate {
  const declared = outputs ?? (results === null ? {} : { results: results ?? { structuredDatasetType: {} } });
  return TaskTemplate.fromJson({
    type: "sqlite",
    interface: { inputs: variables(inputs), outputs: variables(declared) },
    custom: { query_template: query, uri, compressed },
  } as never);
}

/** Runs a template on native inputs; its rows, or undefined for a template without outputs. */
export async function runTemplate(
  folder: string,
  parts: TemplateParts,
  inputs: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly rows: unknown[]; readonly schema: Record<string, string> }> {
  const context = await localTaskContext({ task: "t", directory: mkdtempSync(join(folder, "run-")) });
  const { results } = (await new Sqlite3Executor().executeFromModel(templateOf(parts), inputs, context)) as {
    results?: { toArray(): Promise<unknown[]>; schema: Promise<{ name: string; type: string }[]> };
  };
  if (results === undefined) return { rows: [], schema: {} };
  const schema = Object.fromEntries((await results.schema).map(({ name, type }) => [name, type]));
  return { rows: await results.toArray(), schema };
}
