import { join } from "node:path";
import { expect, test } from "vitest";
import { projectFolder } from "../src/flyte/project.ts";
import { Session } from "../src/flyte/session.ts";
import { plan, planned, planThere, rated, refers, repeatedThere, scheduled, starts } from "../src/planned-tasks.ts";

const session = new Session();

const serialized = (workflow: string, env: Readonly<Record<string, string>> = {}) =>
  session.register({
    file: "interop/src/planned-tasks.ts",
    module: join(projectFolder, "planned-tasks.ts"),
    workflow,
    env,
  });
const text = (value: string) => ({ scalar: { primitive: { stringValue: value } } });

async function succeeded(execution: string): Promise<void> {
  const { phase, error } = await session.client.ended(execution);
  expect({ phase, error }).toEqual({ phase: "SUCCEEDED", error: null });
}

test("a workflow starts with the defaults of its inputs, a launch plan with its own and the fixed ones", async () => {
  const registered = await serialized(plan.name);
  const byDefault = await session.launch({ ...registered, workflow: planned.name }, {});
  const byPlan = await session.launch(registered, {});
  const given = await session.launch(registered, { word: text("ho") });
  await expect(session.launch(registered, { times: { scalar: { primitive: { integer: "1" } } } })).rejects.toThrow(
    "times",
  );
  for (const execution of [byDefault, byPlan, given]) await succeeded(execution);
  const remote = await Promise.all(
    [byDefault, byPlan, given].map((execution) => session.outputs(execution, planned.outputs)),
  );
  const local = [await planned(), await plan(), await plan({ word: "ho" })];
  console.log(`executions ${byDefault}, ${byPlan}, ${given}: ${remote.map((one) => one.text).join(", ")}`);
  expect(remote.map((one) => one.text)).toEqual(local.map((one) => one.text));
  expect(remote.map((one) => one.mode)).toEqual(["none", "planned", "planned"]);
  expect(remote.map((one) => one.file.uri.startsWith("s3://flyte/planned/"))).toEqual([false, true, true]);
});

test("launch-plan nodes start executions; references find what is registered", async () => {
  const registered = await serialized(starts.name);
  const execution = await session.launch(registered, {});
  await succeeded(execution);
  const remote = await session.outputs(execution, starts.outputs);
  const local = await starts();
  console.log(`execution ${execution}: on Flyte ${remote.text}, here ${local.text}`);
  expect([remote.first, remote.text]).toEqual([local.first, local.text]);
  expect(remote.mode).toBe("planned");

  const referring = await serialized(refers.name, { INTEROP_REFERENCE_VERSION: registered.version });
  const second = await session.launch(referring, { word: text("b") });
  await succeeded(second);
  const { task, plan: started } = await session.outputs(second, refers.outputs);
  const file = local.file;
  using _task = repeatedThere.standIn(({ word, times }) => ({ text: `${word.repeat(times)}.`, mode: "", file }));
  using _plan = planThere.standIn(({ word, suffix }) => ({ text: `${word.repeat(3)}${suffix}`, mode: "", file }));
  const stoodIn = await refers({ word: "b" });
  console.log(`execution ${second}: on Flyte ${task} ${started}, here ${stoodIn.task} ${stoodIn.plan}`);
  expect({ task, plan: started }).toEqual(stoodIn);
});

test("schedules are registered as they were written", async () => {
  const schedules = await Promise.all(
    [scheduled, rated].map(async ({ name }) => {
      const { version } = await serialized(name);
      const { spec } = await session.client.launchPlan(name, version);
      return spec.entityMetadata?.schedule;
    }),
  );
  console.log(`registered: ${JSON.stringify(schedules)}`);
  expect(schedules).toEqual([
    { cronSchedule: { schedule: "0 6 * * mon-fri" }, kickoffTimeInputArg: "at" },
    { rate: { value: 2, unit: "HOUR" }, kickoffTimeInputArg: "at" },
  ]);
});
