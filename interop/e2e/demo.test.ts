import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AnyRow } from "@flyte-ts/core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { buildFlightsDatabase, flightsDatabase } from "../../examples/demo/database.ts";
import { report } from "../../examples/demo/workflow.ts";
import { FlyteClient } from "../src/flyte/client.ts";
import { fetched, remoteOutputs } from "../src/flyte/outputs.ts";
import { registerPackaged } from "../src/flyte/packaged.ts";
import { projectFolder } from "../src/flyte/project.ts";
import { launch, type Registered, register } from "../src/flyte/registered.ts";

const cluster = inject("cluster");
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

let work: string;
let client: FlyteClient;
let local: Outcome;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "flyte-ts-e2e-"));
  client = new FlyteClient(cluster);
  await buildFlightsDatabase();
  env = { FLIGHTS_DB: await client.upload(flightsDatabase) };
  const { summary, worst, rows } = await report(inputs);
  local = { summary, worst, rows: await rows.toArray() };
});
afterAll(async () => {
  await client.close();
  await rm(work, { recursive: true, force: true });
});

test("the demo with its module in the image: propeller starts both tasks, outputs are the local run's", async () => {
  const module = join(projectFolder, "demo/workflow.ts");
  await givesWhatLocalGives("baked in", await serialised(module));
});

test("the demo packaged with its code, which the task fetches (fast registration): outputs are the local run's", async () => {
  const packaged = { root: "examples", file: "demo/workflow.ts", workflow: report.name, env };
  await givesWhatLocalGives("fast-registered", await registerPackaged(client, cluster, work, packaged));
});

/** Serialises and registers the demo, whose database is in the cluster's store. */
const serialised = (module: string): Promise<Registered> =>
  register(client, cluster, work, { file: "examples/demo/workflow.ts", workflow: report.name, module, env });

async function givesWhatLocalGives(how: string, registered: Registered): Promise<void> {
  const execution = await launch(client, work, registered, literals);
  const { phase, error } = await client.ended(execution);
  const nodes = await client.nodes(execution);
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
  const { summary, worst, rows } = await remoteOutputs(client, execution, report.outputs, work);
  return { summary, worst, rows: await (await fetched(client, rows, work)).toArray() };
}
