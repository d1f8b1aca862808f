/** Map tasks and dynamic tasks for a real Flyte: what must be the same there and here. */
import { dynamic, FlyteError, mapTask, t, task, workflow } from "@flyte-ts/core";

/** Fails for a negative number, which nothing but another number mends. */
export const scaled = task({
  name: "interop.scaled",
  inputs: { x: t.int, factor: t.int },
  output: t.float,
  run: ({ x, factor }, { log }) => {
    log.info(`${x} * ${factor}`);
    if (x < 0) throw new FlyteError("InvalidInput", `${x} is below 0`);
    return (x * factor) / 10;
  },
});

export const word = task({
  name: "interop.word",
  inputs: { letter: t.string, times: t.int },
  output: t.string,
  run: ({ letter, times }) => letter.repeat(times),
});

export const joined = task({
  name: "interop.joined",
  inputs: { words: t.list(t.string), gaps: t.list(t.optional(t.float)) },
  output: t.string,
  run: ({ words, gaps }) => `${words.join("-")} ${JSON.stringify(gaps)}`,
});

const allWords = mapTask(word);
const mostScaled = mapTask(scaled, { bound: ["factor"], concurrency: 2, minSuccessRatio: 0.5 });

/** A map over two lists, one with a bound input in which an element fails, one over nothing, and a task over both. */
export const maps = workflow({
  name: "interop.maps",
  inputs: { numbers: t.list(t.int), factor: t.int },
  build: ({ numbers, factor }) => {
    const words = allWords({ letter: ["a", "b", "c"], times: [1, 2, 3] });
    const gaps = mostScaled({ x: numbers, factor });
    return { words, gaps, none: mostScaled({ x: [], factor: 1 }), text: joined({ words, gaps }) };
  },
});

const strict = mapTask(scaled, { bound: ["factor"] });

/** A map of which every element must succeed. */
export const strictMap = workflow({
  name: "interop.strict-map",
  inputs: { numbers: t.list(t.int) },
  build: ({ numbers }) => strict({ x: numbers, factor: 1 }),
});

const spelled = workflow({
  name: "interop.spelled",
  inputs: { times: t.int },
  build: ({ times }) => word({ letter: "s", times }),
});

/** As many calls as its input says, sub-workflows and maps among them; values where it calls nothing. */
export const spread = dynamic({
  name: "interop.spread",
  inputs: { times: t.list(t.int) },
  outputs: { words: t.list(t.string), first: t.string, mapped: t.list(t.string) },
  run: async ({ times }, { clock }) => {
    await clock.sleep(1);
    if (times.length === 0) return { words: [], first: "nothing", mapped: [] };
    const calls = times.map((count, index) =>
      index % 2 === 0 ? word({ letter: "w", times: count }) : spelled({ times: count }),
    );
    return {
      words: [...calls, "last"],
      first: calls[0] ?? "",
      mapped: allWords({ letter: times.map(() => "m"), times }),
    };
  },
});

/** Calls another dynamic task. */
export const nested = dynamic({
  name: "interop.nested",
  inputs: { times: t.list(t.int) },
  output: t.string,
  run: ({ times }) => spread({ times }).first,
});

export const dynamics = workflow({
  name: "interop.dynamics",
  inputs: { times: t.list(t.int) },
  build: ({ times }) => {
    const { words, first, mapped } = spread({ times });
    const empty = spread({ times: [] });
    return { words, first, mapped, empty: empty.first, nested: nested({ times }) };
  },
});
