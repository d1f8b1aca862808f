// Fills Node's compile cache with what every task loads: the entrypoint, the object store, Parquet.
import { Dataset, t, task } from "@flyte-ts/core";
import { runEntrypoint } from "./entrypoint.mjs";

/** The task that the build runs once. */
export const warmUp = task({
  name: "warm-up",
  output: t.dataset({ n: t.int, text: t.string }),
  run: () => Dataset.from([{ n: 1, text: "a" }]),
});

if (import.meta.main) {
  const here = ["--resolver", "flyte-ts.module", "--", "module", "image/warm-up.mjs", "entity", "warm-up"];
  await runEntrypoint(here);
}
