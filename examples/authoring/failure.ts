import { t, task, workflow } from "@flyte-ts/core";

export const charge = task({
  name: "charge",
  description: "Charges an order, once more where the first attempt fails",
  inputs: { order: t.int },
  output: t.string,
  retries: 1,
  run: ({ order }) => {
    if (order < 0) throw new RangeError(`there is no order ${order}`);
    return `order ${order} is charged`;
  },
});

/** Runs when a node fails: it takes the inputs of the workflow, and what went wrong. */
export const cancel = task({
  name: "cancel",
  inputs: { order: t.int, err: t.optional(t.error) },
  run: ({ order, err }) => console.error(`order ${order} is cancelled: ${err?.message}`),
});

export const sale = workflow({
  name: "sale",
  inputs: { order: t.int },
  onFailure: cancel,
  build: ({ order }) => charge({ order }),
});
