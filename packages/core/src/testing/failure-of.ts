import { inspect } from "node:util";
import { FlyteError } from "../errors/flyte-error.ts";

/**
 * The `FlyteError` that a promise is rejected with.
 * @throws what it is rejected with instead, and an `Error` when it is not rejected.
 */
export async function failureOf(promise: PromiseLike<unknown>): Promise<FlyteError> {
  const [settled] = await Promise.allSettled([promise]);
  if (settled.status === "fulfilled") throw new Error(`no failure, but ${inspect(settled.value)}`);
  if (FlyteError.is(settled.reason)) return settled.reason;
  throw settled.reason;
}
