import type { FlyteError } from "../errors/flyte-error.ts";
import { createHash } from "../storage/create-hash.ts";
import { pythonFloatText } from "../types/python-float.ts";

/** How many elements of a map task run at once, and how many must succeed. */
export interface MapOptions {
  /** Inputs that every element gets as they are; all others become lists, with one item for each element. */
  readonly bound?: readonly string[];
  /** The most elements that run at once; 0 for no limit. By default as many as the workflow still may start. */
  readonly concurrency?: number;
  /** How many elements must succeed. The outputs of those that fail are `null`. All by default. */
  readonly minSuccesses?: number;
  /** Which part of the elements must succeed, above 0 and at most 1. The outputs of those that fail are `null`. */
  readonly minSuccessRatio?: number;
  /** Whether the other elements go on when too few can succeed any more. They are stopped by default. */
  readonly runAllSubNodes?: boolean;
}

/** True when the outputs of elements may be missing. */
export function mayFail({ minSuccesses, minSuccessRatio = 1 }: MapOptions): boolean {
  return minSuccesses !== undefined || minSuccessRatio !== 1;
}

/** flytekit's name of a map task: it tells apart the maps of one task by their options (array_node_map_task.py). */
export function mapName(name: string, { bound = [], concurrency, minSuccesses, minSuccessRatio }: MapOptions): string {
  const ratio = minSuccesses === undefined ? pythonFloatText(minSuccessRatio ?? 1) : "None";
  const text = `${[...bound].sort().join(",")}${concurrency ?? "None"}${minSuccesses ?? "None"}${ratio}`;
  const at = name.lastIndexOf(".") + 1;
  return `${name.slice(0, at)}map_${name.slice(at)}_${createHash("md5").update(text).digest("hex")}-arraynode`;
}

/** Checks the numbers of a map task's options. @throws what `bad` makes of a problem. */
export function checkNumbers(
  { concurrency, minSuccesses, minSuccessRatio }: MapOptions,
  bad: (problem: string) => FlyteError,
): void {
  const whole = (value: number, least: number): boolean => Number.isInteger(value) && value >= least;
  if (concurrency !== undefined && !whole(concurrency, 0)) {
    throw bad(`concurrency is ${concurrency}; it must be a whole number, 0 for no limit`);
  }
  if (minSuccesses !== undefined && !whole(minSuccesses, 0)) {
    throw bad(`minSuccesses is ${minSuccesses}; it must be a whole number, 0 or more`);
  }
  if (minSuccessRatio !== undefined && !(minSuccessRatio > 0 && minSuccessRatio <= 1)) {
    throw bad(`minSuccessRatio is ${minSuccessRatio}; it must be above 0 and at most 1`);
  }
  if (minSuccesses !== undefined && minSuccessRatio !== undefined) {
    throw bad("minSuccesses and minSuccessRatio are both given; give one of them");
  }
}
