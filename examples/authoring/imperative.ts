import { imperativeWorkflow, t, task } from "@flyte-ts/core";

export const stamp = task({
  name: "stamp",
  inputs: { text: t.string, mark: t.string },
  output: t.string,
  run: ({ text, mark }) => `${text} ${mark}`,
});

/** A graph that a program puts together call by call, here one stamp for each mark. */
export const stamped = imperativeWorkflow("stamped");
let last = stamped.addInput("text", t.string);
for (const mark of ["seen", "checked", "filed"]) last = stamped.addEntity(stamp, { text: last, mark }).outputs.o0;
stamped.addOutput("text", last);
