/**
 * A query as a task, and a function that uses its rows: `node examples/long-tracks.ts`.
 *
 * The database is made here, so that the example needs nothing else; a real one stands behind a URI.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { t, task, workflow } from "@flyte-ts/core";
import { sqlite3Task } from "@flyte-ts/sqlite3";
import Database from "better-sqlite3";

const folder = mkdtempSync(join(tmpdir(), "flyte-ts-example-"));
const uri = join(folder, "music.db");

const database = new Database(uri);
database.exec(`
  create table tracks (TrackId integer primary key, Name text, Milliseconds integer);
  insert into tracks values (1, 'Interlude', 41000), (2, 'Suite', 1204000), (3, 'Song', 215000), (4, 'Live', 734000)`);
database.close();

/** The tracks that are longer than a time. */
export const longTracks = sqlite3Task({
  name: "long-tracks",
  config: { uri },
  inputs: { ms: t.int, limit: t.int.default(10) },
  query: `
    select TrackId, Name, Milliseconds / 60000.0 as Minutes
    from tracks
    where Milliseconds > {{ .inputs.ms }} -- bound, never pasted
    order by Milliseconds desc
    limit {{ .inputs.limit }}`,
  columns: { TrackId: t.int, Name: t.string, Minutes: t.float },
});

/** What the rows say in one line; their types come from the columns above. */
export const summarise = task({
  name: "summarise",
  inputs: { rows: longTracks.outputs.results },
  output: t.string,
  run: async ({ rows }) => {
    const names: string[] = [];
    for await (const { Name, Minutes } of rows.rows()) names.push(`${Name} (${Minutes?.toFixed(1)} min)`);
    return names.join(", ");
  },
});

/** Both, wired. */
export const report = workflow({
  name: "long-tracks-report",
  inputs: { ms: t.int },
  build: ({ ms }) => summarise({ rows: longTracks({ ms }).results }),
});

console.log(await report({ ms: 300_000 }));
rmSync(folder, { recursive: true });
