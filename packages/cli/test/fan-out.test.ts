import { expect, test } from "vitest";
import { flow, flyteTs, WorkFolder } from "./command.ts";

/** Map tasks and dynamic tasks, alone and in a workflow. */
async function ran(words: readonly string[]): Promise<unknown> {
  using folder = new WorkFolder();
  const ended = await flyteTs(["run", flow("fan-out"), ...words, "--json"], { cwd: folder.path });
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  return JSON.parse(ended.stdout);
}

const texts = (place: string, ...numbers: readonly number[]): readonly string[] =>
  numbers.map((n) => `${n} in ${place}`);

test.each([
  ["in the command", "the command", []],
  ["each in a process of its own", "where", ["--isolate", "process"]],
])("a map task's elements and a dynamic task's calls run %s", async (_how, place, flags) => {
  expect(await ran(["mapped", "--x", "[4,5]", ...flags])).toEqual({ o0: texts(place, 4, 5) });
  expect(await ran(["made", "--n", "2", ...flags])).toEqual({ o0: texts(place, 1, 2) });
  expect(await ran(["both", "--n", "3", ...flags])).toEqual({
    mapped: texts(place, 1, 2, 3),
    made: texts(place, 0, 1, 2),
  });
});
