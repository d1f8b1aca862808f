import { Dataset } from "@flyte-ts/core";
import Database from "better-sqlite3";
import { beforeAll, expect, test } from "vitest";
import { buildFlightsDatabase, flightsDatabase } from "../demo/database.ts";
import { report, summarise } from "../demo/workflow.ts";

beforeAll(async () => {
  await buildFlightsDatabase();
});

/** What plain SQL says about late flights from a state. */
function counted(state: string, minutes: number): { readonly flights: number; readonly airports: number } {
  const database = new Database(flightsDatabase, { readonly: true });
  const query = `
    select count(*) as flights, count(distinct f.origin) as airports
    from flights f join airports a on a.iata = f.origin where f.delay >= ? and a.state = ?`;
  const row = database.prepare(query).get(minutes, state) as { flights: number; airports: number };
  database.close();
  return row;
}

test("the database holds the data that the package ships", async () => {
  expect(await buildFlightsDatabase()).toEqual({ rows: 3376 + 5366 + 20_000, built: false });
});

test("the report says what plain SQL says", async () => {
  const { flights, airports } = counted("TX", 30);
  const { summary, worst, rows } = await report({ state: "TX", minutes: 30 });
  expect(summary).toBe(`TX: ${flights} late flights from ${airports} airports`);
  expect(worst).toMatch(/, \d+ minutes on average$/);
  expect(await rows.toArray()).toHaveLength(airports);
});

test("a state without late flights has none, and no worst airport", async () => {
  const { summary, worst } = await report({ state: "nowhere" });
  expect({ summary, worst }).toEqual({ summary: "nowhere: 0 late flights from 0 airports", worst: null });
});

test("a value that looks like SQL is a value", async () => {
  const { summary } = await report({ state: "CA' or '1' = '1" });
  expect(summary).toMatch(/: 0 late flights from 0 airports$/);
});

test("the function alone is tested without anything around it", async () => {
  const rows = Dataset.from([
    { airport: "A", name: "Alpha", flights: 2, delay: 70 },
    { airport: "B", name: "Beta", flights: 3, delay: 90.4 },
  ]);
  expect(await summarise({ rows, state: "XY" })).toEqual({
    text: "XY: 5 late flights from 2 airports",
    flights: 5,
    worst: "Beta, 90 minutes on average",
  });
});
