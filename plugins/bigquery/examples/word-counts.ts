/**
 * A query on one of Google's public tables as a task, and a function that uses its rows.
 *
 *     node examples/word-counts.ts              # shows what Flyte is sent
 *     node examples/word-counts.ts my-project   # runs it, with your credentials, at your project's cost
 */
import { bigqueryTask } from "@flyte-ts/bigquery";
import { t, task, workflow } from "@flyte-ts/core";

const [project] = process.argv.slice(2);

/** How often words stand in one of Shakespeare's works; it may not read more than 20 MB. */
export const wordCounts = bigqueryTask({
  name: "word-counts",
  config: { project: project ?? "my-project", location: "US", maximumBytesBilled: 20_000_000 },
  inputs: { corpus: t.string, words: t.list(t.string) },
  query: `
    select word, word_count
    from \`bigquery-public-data.samples.shakespeare\`
    where corpus = {{ .inputs.corpus }}           -- a parameter, never pasted
      and word in unnest({{ .inputs.words }})
    order by word_count desc`,
  columns: { word: t.string, word_count: t.int },
});

/** What the rows say in one line; their types come from the columns above. */
export const summarise = task({
  name: "summarise",
  inputs: { rows: wordCounts.outputs.results },
  output: t.string,
  run: async ({ rows }) => {
    const found: string[] = [];
    for await (const { word, word_count } of rows.rows()) found.push(`${word}: ${word_count}`);
    return found.join(", ");
  },
});

/** Both, wired. */
export const report = workflow({
  name: "word-counts-report",
  inputs: { corpus: t.string },
  build: ({ corpus }) => summarise({ rows: wordCounts({ corpus, words: ["ghost", "murder", "love"] }).results }),
});

if (project === undefined) console.log(JSON.stringify(wordCounts.custom(), undefined, 2));
else console.log(await report({ corpus: "hamlet" }));
