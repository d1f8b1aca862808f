/**
 * A query as a task, and a function that uses its rows.
 *
 *     node examples/long-tracks.ts                # shows what Flyte is sent
 *     node examples/long-tracks.ts s3://bucket/folder   # runs it, with your credentials and AWS_REGION
 *
 * It wants a table `music.tracks (trackid bigint, name varchar, milliseconds bigint)`.
 */

import { athenaTask } from "@flyte-ts/athena";
import { t, task, workflow } from "@flyte-ts/core";

const [outputLocation] = process.argv.slice(2);

/** The tracks that are longer than a time, and not by some artists. */
export const longTracks = athenaTask({
  name: "long-tracks",
  config: { database: "music", ...(outputLocation === undefined ? {} : { outputLocation }) },
  inputs: { ms: t.int, without: t.list(t.string) },
  query: `
    select trackid, name, milliseconds / 60000.0 as minutes
    from tracks
    where milliseconds > {{ .inputs.ms }} -- a parameter, never pasted
      and not contains({{ .inputs.without }}, name)
    order by milliseconds desc`,
  columns: { trackid: t.int, name: t.string, minutes: t.float },
});

/** What the rows say in one line; their types come from the columns above. */
export const summarise = task({
  name: "summarise",
  inputs: { rows: longTracks.outputs.results },
  output: t.string,
  run: async ({ rows }) => {
    const names: string[] = [];
    for await (const { name, minutes } of rows.rows()) names.push(`${name} (${minutes?.toFixed(1)} min)`);
    return names.join(", ");
  },
});

/** Both, wired. */
export const report = workflow({
  name: "long-tracks-report",
  inputs: { ms: t.int },
  build: ({ ms }) => summarise({ rows: longTracks({ ms, without: ["Interlude"] }).results }),
});

if (outputLocation === undefined) console.log(longTracks.custom());
else console.log(await report({ ms: 300_000 }));
