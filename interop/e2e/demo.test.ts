import { join } from "node:path";
import type { AnyRow } from "@flyte-ts/core";
import { beforeAll, expect, test } from "vitest";
import { buildFlightsDatabase, flightsDatabase } from "../../examples/demo/database.ts";
import { report } from "../../examples/demo/workflow.ts";
import { fetched } from "../src/flyte/outputs.ts";
import { projectFolder } from "../src/flyte/project.ts";
import type { Registered } from "../src/flyte/registered.ts";
import { Session } from "../src/flyte/session.ts";

const session = new Session();
const inputs = { minutes: 90, state: "TX" };
const literals = {
  minutes: { scalar: { primitive: { integer: String(inputs.minutes) } } },
  state: { scalar: { primitive: { stringValue: inputs.state } } },
};

interface Outcome {
  readonly summary: string;
  readonly worst: string | null;
  readonly rows: readonly AnyRow[];
}

let local: Outcome;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  await buildFlightsDatabase();
  env = { FLIGHTS_DB: await session.client.upload(flightsDatabase) };
  const { summary, worst, rows } = await report(inputs);
  local = { summary, worst, rows: await rows.toArray() };
});

test("the demo with its module in the image: propeller starts both tasks, outputs are the local run's", async () => {
  const module = join(projectFolder, "demo/workflow.ts");
  await givesWhatLocalGives("baked in", await serialised(module));
});

test("the demo packaged with its code, which the task fetches (fast registration): outputs are the local run's", async () => {
  const packaged = { root: "examples", file: "demo/workflow.ts", workflow: report.name, env };
  await givesWhatLocalGives("fast-registered", await session.registerPackaged(packaged));
});

/** Serialises and registers the demo, whose database is in the cluster's store. */
const serialised = (module: string): Promise<Registered> =>
  session.register({ file: "examples/demo/workflow.ts", workflow: report.name, module, env });

async function givesWhatLocalGives(how: string, registered: Registered): Promise<void> {
  const execution = await session.launch(registered, literals);
  const { phase, error } = await session.client.ended(execution);
  const nodes = await session.client.nodes(execution);
  expect({ phase, error, nodes }).toMatchObject({ phase: "SUCCEEDED" });
  expect(nodes.map(({ attempts }) => attempts.map(({ task }) => task))).toEqual([["late-flights"], ["summarise"]]);
  const remote = await outcome(execution);
  console.log(
    [
      `the demo, ${how}: execution ${execution}, ${phase}`,
      `  on Flyte: ${JSON.stringify(shown(remote))}`,
      `  here:     ${JSON.stringify(shown(local))}`,
    ].join("\n"),
  );
  expect(remote).toEqual(local);
  expect(remote.rows.length).toBeGreaterThan(3);
}

const shown = ({ rows, ...rest }: Outcome) => ({ ...rest, rows: rows.length, first: rows[0] });

/** Reads an execution's outputs, the dataset with our own reader. */
async function outcome(execution: string): Promise<Outcome> {
  const { summary, worst, rows } = await session.outputs(execution, report.outputs);
  return { summary, worst, rows: await (await fetched(session.client, rows, session.folder)).toArray() };
}
