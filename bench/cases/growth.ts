/** Prints the seconds that one more node costs, as the best of some tries: a chain of 4,000 against one of 1,000. */
import { compile, t, task, workflow } from "@flyte-ts/core";

const next = task({ name: "next", inputs: { n: t.int, by: t.int }, output: t.int, run: ({ n, by }) => n + by });

async function seconds(count: number): Promise<number> {
  const began = performance.now();
  const chain = workflow({
    name: "chain",
    inputs: { n: t.int },
    build: ({ n }) => {
      let last = next({ n, by: 0 });
      for (let by = 1; by < count; by++) last = next({ n: last, by });
      return last;
    },
  });
  await compile(chain, { project: "p", domain: "d", version: "v", module: "growth.ts", image: "img:1" });
  return (performance.now() - began) / 1000;
}

const best = { few: Number.POSITIVE_INFINITY, many: Number.POSITIVE_INFINITY };
for (let tries = 0; tries < 5; tries++) {
  best.few = Math.min(best.few, await seconds(1000));
  best.many = Math.min(best.many, await seconds(4000));
}
console.log((best.many - best.few) / 3000);
