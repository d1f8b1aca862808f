import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileModules, exportedEntities } from "@flyte-ts/core";
import { expect, test, vi } from "vitest";
import { advice } from "../authoring/branches.ts";
import { documents } from "../authoring/documents.ts";
import { sale } from "../authoring/failure.ts";
import { vowels } from "../authoring/fan-out.ts";
import { stamped } from "../authoring/imperative.ts";
import { myWf } from "../authoring/my-wf.ts";
import { everyMorning, twoBulletins } from "../authoring/schedule.ts";
import { review } from "../authoring/shell.ts";
import { GreetingTask } from "../greeting/greeting-task.ts";
import { welcome } from "../greeting/workflow.ts";

test("t1, t2 and my_wf of Flyte's documents", async () => {
  expect(await myWf({ a: 5, b: "hello " })).toEqual({ o0: 7, o1: "hello world" });
});

test("a conditional takes one way, or fails", async () => {
  expect(await advice({ degrees: 3 })).toBe("3 degrees: take a coat");
  expect(await advice()).toBe("20 degrees: take water");
  await expect(Promise.resolve(advice({ degrees: 99 }))).rejects.toThrow("this is no weather");
});

test("a map task and a dynamic task run for each element", async () => {
  expect(await vowels({ words: ["Ada", "Grace", "Katherine"] })).toEqual({ all: [2, 2, 4], long: [2, 4] });
});

test("a launch plan runs its workflow, alone and as a node", async () => {
  const day = new Date("2024-05-06T07:00:00Z");
  expect(await everyMorning({ day })).toBe("Lisbon, 2024-05-06");
  expect(await twoBulletins({ day })).toEqual({ first: "Lisbon, 2024-05-06", second: "Porto, 2024-05-06" });
});

test("an imperative workflow", async () => {
  expect(await stamped({ text: "form" })).toEqual({ text: "form seen checked filed" });
});

test("the failure handler hears of what failed", async () => {
  expect(await sale({ order: 1 })).toBe("order 1 is charged");
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  await expect(Promise.resolve(sale({ order: -1 }))).rejects.toThrow("there is no order -1");
  expect(said).toHaveBeenCalledWith(expect.stringMatching(/^order -1 is cancelled: .*there is no order -1/));
  said.mockRestore();
});

test("a shell script gets its input as one word", async () => {
  expect(await review({ text: "it's $(echo fine) really" })).toBe("4 words will do");
});

test("an object's fields go where they are needed, and a file comes out", async () => {
  const { reading, note } = await documents({ line: "Oslo, -3.5, dry, windy" });
  expect(reading).toEqual({ place: "Oslo", celsius: -3.5, tags: ["dry", "windy"] });
  expect(await note.text()).toBe("Oslo is dry\n");
});

test("a task type of one's own runs by its executor, from its template", async () => {
  expect(await welcome({ who: "Ada" })).toBe("Hello Ada, for the 1. time");
  expect(() => new GreetingTask({ name: "wrong", inputs: {}, text: "Hello {who}" })).toThrow(
    'task wrong: there is no input "who"',
  );
});

const folder = fileURLToPath(new URL("..", import.meta.url));
const files = [
  ...readdirSync(join(folder, "authoring")).map((name) => `authoring/${name}`),
  "greeting/workflow.ts",
  "demo/workflow.ts",
];

test.each(files)("%s is packaged alone", async (file) => {
  const entities = exportedEntities((await import(join(folder, file))) as Record<string, unknown>);
  const module = { module: file, entities };
  const { ordered } = await compileModules([module], { project: "", domain: "", version: "", image: "example:1" });
  expect(ordered.length).toBeGreaterThan(2);
});
