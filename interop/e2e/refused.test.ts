/** What our compiler refuses, a real Flyte refuses too when it is sent past us; what it takes, it would fail on later. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type AnyEntity,
  compile,
  compileAll,
  FlyteContext,
  isEntity,
  LaunchPlanMessage,
  TaskSpec,
  WorkflowSpec,
  workflow,
} from "@flyte-ts/core";
import { isLaunchPlan, isWorkflow } from "@flyte-ts/core/plugin";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { Session } from "../src/flyte/session.ts";
import { conditions } from "../src/refused/conditions.ts";
import { graphs } from "../src/refused/graphs.ts";
import { changed, type Mistake } from "../src/refused/mistake.ts";
import { names, plans, tasks } from "../src/refused/registrations.ts";
import { int, rights } from "../src/refused/rights.ts";

const session = new Session();
const settings = {
  project: "flytesnacks",
  domain: "development",
  version: crypto.randomUUID().slice(0, 8),
  module: "refused.ts",
  image: "img:1",
};
const groups = { graphs, conditions, tasks, plans, names } as const;
const mistakes = Object.values(groups).flat();

/** The bytes of what is right with one thing wrong, under a name of its own. */
async function wrongBytes({ right, wrong, what }: Mistake, at: number): Promise<Uint8Array> {
  const compiled = await compile(right, settings);
  const found = compiled.ordered.find(({ kind, name }) => name === right.name && kind === kindOf(right));
  if (found === undefined) throw new Error(`${what}: ${right.name} is not compiled`);
  const name = `wrong.m${at}`;
  switch (found.kind) {
    case "task":
      return TaskSpec.encode(
        TaskSpec.fromJson(changed(TaskSpec.toJson(found.message), [["template.id.name", name], ...wrong])),
      );
    case "workflow":
      return WorkflowSpec.encode(
        WorkflowSpec.fromJson(changed(WorkflowSpec.toJson(found.message), [["template.id.name", name], ...wrong])),
      );
    case "launch plan":
      return LaunchPlanMessage.encode(
        LaunchPlanMessage.fromJson(changed(LaunchPlanMessage.toJson(found.message), [["id.name", name], ...wrong])),
      );
  }
}

const kindOf = (entity: AnyEntity) => (isLaunchPlan(entity) ? "launch plan" : isWorkflow(entity) ? "workflow" : "task");
const numbers = { task: 1, workflow: 2, "launch plan": 3 } as const;

let answers: Readonly<Record<string, string | null>>;
beforeAll(async () => {
  const right = join(session.folder, "right");
  const wrong = join(session.folder, "wrong");
  await mkdir(right);
  await mkdir(wrong);
  const { ordered } = await compileAll(rights, settings);
  for (const [at, entity] of ordered.entries()) {
    const bytes =
      entity.kind === "task"
        ? TaskSpec.encode(entity.message)
        : entity.kind === "workflow"
          ? WorkflowSpec.encode(entity.message)
          : LaunchPlanMessage.encode(entity.message);
    await writeFile(join(right, `${at}_right_${numbers[entity.kind]}.pb`), bytes);
  }
  for (const [at, mistake] of mistakes.entries()) {
    if ("unsent" in mistake.flyte) continue;
    await writeFile(join(wrong, `${at}_wrong_${numbers[kindOf(mistake.right)]}.pb`), await wrongBytes(mistake, at));
  }
  const taken = await session.client.registerAll(right);
  expect(Object.entries(taken).filter(([, error]) => error !== null)).toEqual([]);
  answers = await session.client.registerAll(wrong);
  console.log(mistakes.map((mistake) => `${mistake.what}: ${said(mistake)}`).join("\n"));
});

test("more nodes than a stock Flyte takes, which we only warn of, are refused by one", async () => {
  const build = () => {
    for (let x = 0; x < 101; x += 1) int({ x });
  };
  const warn = vi.spyOn(FlyteContext.default().log, "warn").mockImplementation(() => {});
  const { workflows } = await compile(workflow({ name: "wrong.wide", build }), settings);
  expect(warn).toHaveBeenCalledWith(expect.stringMatching(/^workflow wrong\.wide has 101 nodes/));
  const folder = join(session.folder, "wide");
  await mkdir(folder);
  await writeFile(join(folder, "0_wide_2.pb"), WorkflowSpec.encode(workflows[0] as WorkflowSpec));
  expect(Object.values(await session.client.registerAll(folder))).toEqual([
    expect.stringMatching(/exceeds limit \(101 > 100\)/),
  ]);
});

const answerTo = (mistake: Mistake): string | null | undefined =>
  answers[`${mistakes.indexOf(mistake)}_wrong_${numbers[kindOf(mistake.right)]}.pb`];

/** What Flyte says of a mistake, in short. */
function said(mistake: Mistake): string {
  const answer = answerTo(mistake);
  if (answer === undefined) return "not sent";
  if (answer === null) return "taken";
  return answer.replace(/^.* with err /s, "").replace(/\s+/g, " ");
}

describe.each(Object.entries(groups))("%s", (_group, group) => {
  test.each(group.map((mistake) => [mistake.what, mistake] as const))("%s", async (_what, mistake) => {
    const { ours, says, flyte } = mistake;
    const refused = (async () => {
      const defined = ours();
      if (isEntity(defined)) await compile(defined, settings);
    })();
    await expect(refused).rejects.toThrow(says);
    const answer = answerTo(mistake);
    if (flyte instanceof RegExp) expect(answer).toMatch(flyte);
    else if ("unsent" in flyte) expect(answer).toBeUndefined();
    else if (answer !== null && flyte.unless !== undefined) expect(answer).toMatch(flyte.unless);
    else expect(answer, `Flyte refuses it now: ${flyte.takes}`).toBeNull();
  });
});
