import { t, task, workflow } from "@flyte-ts/core";
import { sqlite3Task } from "@flyte-ts/sqlite3";
import { flightsDatabase } from "./database.ts";

/** A ready-made task: the query runs in the plugin's own image, from this definition alone. */
export const lateFlights = sqlite3Task({
  name: "late-flights",
  description: "The airports of a state with the most flights that left late",
  config: { uri: flightsDatabase },
  inputs: { minutes: t.int, state: t.string },
  query: `
    select a.iata as airport, a.name as name, count(*) as flights, avg(f.delay) as delay
    from flights f join airports a on a.iata = f.origin
    where f.delay >= {{ .inputs.minutes }} and a.state = {{ .inputs.state }}  -- both are bound, never pasted
    group by a.iata
    order by flights desc, airport`,
  columns: { airport: t.string, name: t.string, flights: t.int, delay: t.float },
});

/** A task of one's own: a function that reads the rows as they come. */
export const summarise = task({
  name: "summarise",
  description: "Sums up what the query found",
  inputs: { rows: lateFlights.outputs.results, state: t.string },
  outputs: { text: t.string, flights: t.int, worst: t.optional(t.string) },
  run: async ({ rows, state }) => {
    let airports = 0;
    let flights = 0;
    let worst: { readonly name: string; readonly delay: number } | undefined;
    for await (const row of rows.rows()) {
      airports += 1;
      flights += row.flights ?? 0;
      if (worst === undefined || (row.delay ?? 0) > worst.delay)
        worst = { name: row.name ?? "", delay: row.delay ?? 0 };
    }
    return {
      text: `${state}: ${flights} late flights from ${airports} airports`,
      flights,
      worst: worst === undefined ? null : `${worst.name}, ${Math.round(worst.delay)} minutes on average`,
    };
  },
});

/** Wires the two: `build` runs once, and gives the graph that runs here and on a cluster. */
export const report = workflow({
  name: "late-flights-report",
  description: "Which airports of a state keep their passengers waiting",
  inputs: {
    minutes: t.int.default(60).describe("what counts as late"),
    state: t.string.default("CA").describe("a state's two letters"),
  },
  build: ({ minutes, state }) => {
    const late = lateFlights({ minutes, state });
    const summary = summarise({ rows: late.results, state });
    return { summary: summary.text, worst: summary.worst, rows: late.results };
  },
});
