/** Prints the seconds that a list of so many integers takes to a literal and back. */
import { t } from "@flyte-ts/core";
import { localTaskContext } from "@flyte-ts/core/testing";

const count = Number(process.argv[2]);
const context = await localTaskContext({ task: "convert" });
const type = t.list(t.int);
const values = Array.from({ length: count }, (_, index) => index);
const began = performance.now();
await type.toNative(await type.toLiteral(values, context), context);
console.log((performance.now() - began) / 1000);
await context[Symbol.asyncDispose]();
