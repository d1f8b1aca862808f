import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the example's database is; `npm run demo` builds it. Another one can be named by `FLIGHTS_DB`. */
export const flightsDatabase: string =
  process.env.FLIGHTS_DB ?? join(dirname(fileURLToPath(import.meta.url)), "../.cache/flights.db");

/**
 * Builds the example's database, if it is not there, from public data that the npm package vega-datasets ships: 20,000
 * flights of 2001, 3,376 American airports, 5,366 routes.
 */
export async function buildFlightsDatabase(): Promise<{ readonly rows: number; readonly built: boolean }> {
  const { default: Database } = await import("better-sqlite3");
  const built = !existsSync(flightsDatabase);
  if (built) {
    mkdirSync(dirname(flightsDatabase), { recursive: true });
    const partial = `${flightsDatabase}.${randomUUID()}`;
    const database = new Database(partial);
    fill(
      database,
      "airports",
      "iata text, name text, city text, state text, latitude real, longitude real",
      airports(),
    );
    fill(database, "routes", "origin text, destination text, flights integer", routes());
    fill(database, "flights", "date text, delay integer, distance integer, origin text, destination text", flights());
    database.close();
    renameSync(partial, flightsDatabase);
  }
  const database = new Database(flightsDatabase, { readonly: true });
  const count =
    "select (select count(*) from airports) + (select count(*) from routes) + (select count(*) from flights)";
  const rows = database.prepare(count).pluck().get() as number;
  database.close();
  return { rows, built };
}

type Cell = string | number;

interface Writable {
  exec(sql: string): unknown;
  prepare(sql: string): { run(...values: Cell[]): unknown };
}

function fill(database: Writable, table: string, columns: string, rows: readonly (readonly Cell[])[]): void {
  database.exec(`create table ${table} (${columns}); begin`);
  const insert = database.prepare(`insert into ${table} values (${columns.replace(/[^,]+/g, "?")})`);
  for (const row of rows) insert.run(...row);
  database.exec("commit");
}

function dataFile(name: string): string {
  const entry = fileURLToPath(import.meta.resolve("vega-datasets"));
  return readFileSync(join(dirname(entry), "../data", name), "utf8");
}

/** The lines of a CSV file without its head. A quoted field can hold a comma. */
function csvRows(name: string): string[][] {
  const lines = dataFile(name).trim().split("\n").slice(1);
  return lines.map((line) =>
    [...line.matchAll(/("[^"]*"|[^,]*)(?:,|$)/g)].map(([, field = ""]) => field.replaceAll('"', "")),
  );
}

const airports = (): Cell[][] =>
  csvRows("airports.csv").map(([iata = "", name = "", city = "", state = "", , latitude, longitude]) => [
    iata,
    name,
    city,
    state,
    Number(latitude),
    Number(longitude),
  ]);

const routes = (): Cell[][] =>
  csvRows("flights-airport.csv").map(([origin = "", destination = "", flights]) => [
    origin,
    destination,
    Number(flights),
  ]);

interface Flight {
  readonly date: string;
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

const flights = (): Cell[][] =>
  (JSON.parse(dataFile("flights-20k.json")) as readonly Flight[]).map((flight) => [
    flight.date.replaceAll("/", "-"),
    flight.delay,
    flight.distance,
    flight.origin,
    flight.destination,
  ]);
