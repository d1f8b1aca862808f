// Fills Node's compile cache with what a sensor loads, by waiting for a file that is there.
import { LiteralMap } from "@flyte-ts/core/plugin";
import { waitForObjectStoreFile } from "@flyte-ts/object-store-sensor";
import { runEntrypoint } from "./entrypoint.mjs";

/** The task that the build runs once. */
export const warmUp = waitForObjectStoreFile({ name: "warm-up" });

if (import.meta.main) {
  const path = "s3://warm-up/there";
  const inputs = LiteralMap.fromJson({ literals: { path: { scalar: { primitive: { stringValue: path } } } } });
  const module = "image/warm-up-object-store-sensor.mjs";
  await runEntrypoint(["--resolver", "flyte-ts.module", "--", "module", module, "entity", "warm-up"], {
    "s3://warm-up/inputs.pb": LiteralMap.encode(inputs),
    [path]: new Uint8Array(1),
  });
}
