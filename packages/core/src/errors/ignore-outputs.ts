const marker: unique symbol = Symbol.for("flyte-ts.ignore-outputs");

/**
 * Thrown by a task to say that it has nothing to write and did not fail: the workers of a distributed task that are not
 * the first one do so (flytekit's `IgnoreOutputs`). Recognised by a marker, as `FlyteError` is.
 */
export class IgnoreOutputs extends Error {
  constructor(message = "this worker writes no outputs") {
    super(message);
    this.name = "IgnoreOutputs";
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for one of these, or an error that was caused by one. */
  static is(value: unknown): boolean {
    let at = value;
    for (let depth = 0; typeof at === "object" && at !== null && depth < 10; depth += 1) {
      if ((at as Record<symbol, unknown>)[marker] === true) return true;
      at = (at as { cause?: unknown }).cause;
    }
    return false;
  }
}
