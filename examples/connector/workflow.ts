/** The two connectors of Flyte's tutorial in one workflow: a job, and a question about its result. */
import { t, task, workflow } from "@flyte-ts/core";
import { BigQueryTask, ChatTask } from "./tasks.ts";

export const lateFlights = new BigQueryTask({ name: "late-flights", query: "select * from flights where delay > 60" });
export const ask = new ChatTask({ name: "ask" });

export const question = task({
  name: "question",
  inputs: { rows: t.int },
  output: t.string,
  run: ({ rows }) => `what do ${rows} late flights mean?`,
});

export const explain = workflow({
  name: "explain",
  build: () => ask({ prompt: question({ rows: lateFlights({}).outputs.rows }) }),
});
