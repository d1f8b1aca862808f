import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { benchFile } from "./paths.ts";

/** A file that both can package, as each writes it: `name.ts` and `name.py` in a folder of this room. */
export interface Sources {
  readonly folder: string;
  readonly name: string;
}

/** Writes both files. They stand in the room, since ours finds the packages from there. */
async function written(name: string, typescript: string, python: string): Promise<Sources> {
  const folder = benchFile(".cache", "package");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.ts`), typescript);
  await writeFile(join(folder, `${name}.py`), python);
  return { folder, name };
}

/** A workflow of `count` calls of one task, each of which takes what the one before gives. */
export function manyNodes(count: number): Promise<Sources> {
  const name = `nodes_${count}`;
  return written(
    name,
    `import { t, task, workflow } from "@flyte-ts/core";
const next = task({ name: "${name}.next", inputs: { n: t.int, by: t.int }, output: t.int, run: ({ n, by }) => n + by });
export const chain = workflow({
  name: "${name}.chain",
  inputs: { n: t.int },
  build: ({ n }) => {
    let last = next({ n, by: 0 });
    for (let by = 1; by < ${count}; by++) last = next({ n: last, by });
    return last;
  },
});
`,
    `from flytekit import task, workflow

@task
def next_one(n: int, by: int) -> int:
    return n + by

@workflow
def chain(n: int) -> int:
    last = next_one(n=n, by=0)
    for by in range(1, ${count}):
        last = next_one(n=last, by=by)
    return last
`,
  );
}

/** `count` tasks with inputs of several types, retries, resources and a cache. */
export function manyTasks(count: number): Promise<Sources> {
  const name = `tasks_${count}`;
  const numbers = Array.from({ length: count }, (_, index) => index);
  const typescript = numbers.map(
    (index) => `export const task${index} = task({
  name: "${name}.task_${index}",
  inputs: { n: t.int, names: t.list(t.string), ratio: t.optional(t.float) },
  outputs: { total: t.float, by_name: t.map(t.int) },
  retries: 2,
  cache: "${index}",
  resources: { requests: { cpu: "500m", memory: "1Gi" } },
  run: ({ n }) => ({ total: n, by_name: {} }),
});
`,
  );
  const python = numbers.map(
    (index) => `
@task(retries=2, cache=Cache(version="${index}"), requests=Resources(cpu="500m", mem="1Gi"))
def task_${index}(n: int, names: List[str], ratio: Optional[float]) -> NamedTuple("Out${index}", total=float, by_name=Dict[str, int]):
    return float(n), {}
`,
  );
  return written(
    name,
    `import { t, task } from "@flyte-ts/core";\n${typescript.join("")}`,
    `from typing import Dict, List, NamedTuple, Optional\nfrom flytekit import Cache, Resources, task\n${python.join("")}`,
  );
}
