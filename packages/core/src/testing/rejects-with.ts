import assert from "node:assert/strict";
import { FlyteError, type FlyteErrorCode } from "../errors/flyte-error.ts";

/** Asserts that a promise rejects with a `FlyteError` of one of these codes. */
export async function rejectsWith(promise: PromiseLike<unknown>, ...codes: readonly FlyteErrorCode[]): Promise<void> {
  const thrown = await outcome(promise);
  assert.ok("error" in thrown, `a rejection with ${codes.join(" or ")}, but it resolved`);
  assert.ok(FlyteError.is(thrown.error), `a FlyteError, not ${String(thrown.error)}`);
  const { code, message } = thrown.error;
  assert.ok(codes.includes(code), `the code ${codes.join(" or ")}, not ${code} (${message})`);
}

/** Asserts that a promise rejects with this very value. */
export async function rejectsAs(promise: PromiseLike<unknown>, reason: unknown): Promise<void> {
  const thrown = await outcome(promise);
  assert.ok("error" in thrown, `a rejection with ${String(reason)}, but it resolved`);
  assert.equal(thrown.error, reason);
}

async function outcome(
  promise: PromiseLike<unknown>,
): Promise<{ readonly value: unknown } | { readonly error: unknown }> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}
