/** A workflow with launch plans of its own, one of which another workflow starts. */
import { launchPlan, t, task, workflow } from "@flyte-ts/core";

const repeat = task({
  name: "repeat",
  inputs: { word: t.string, times: t.int },
  output: t.string,
  run: ({ word, times }) => word.repeat(times),
});

export const shout = workflow({
  name: "shout",
  inputs: { word: t.string, times: t.int.default(2) },
  build: ({ word, times }) => repeat({ word, times }),
});

export const thrice = launchPlan({ name: "thrice", workflow: shout, defaults: { word: "ha" }, fixed: { times: 3 } });

export const loud = workflow({
  name: "loud",
  inputs: { word: t.string },
  build: ({ word }) => thrice({ word }),
});
