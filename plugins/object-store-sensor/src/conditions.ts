import { FlyteError } from "@flyte-ts/core";

/** What has to be true of a file, or of the files, before a task goes on. */
export interface ObjectStoreConditions {
  /**
   * What a path names: one file, the files of a folder or with a common beginning, or those that fit a pattern
   * (`s3://bucket/2026-*.csv`). A path that ends in `/` is a prefix, any other a file, unless this says otherwise.
   */
  readonly match?: "file" | "prefix" | "glob";
  /** How many files a prefix or pattern must have; 1 by default. The others of these conditions hold for each of them. */
  readonly atLeast?: number;
  /** The fewest bytes of a file. */
  readonly minSize?: number;
  /** How long ago a file must have been written, at least; milliseconds. */
  readonly minAge?: number;
  /** How long ago a file may have been written, at most; milliseconds. What is older is last time's. */
  readonly maxAge?: number;
  /**
   * For how long a file, or all of them together, must not have changed; milliseconds. It is seen from poll to poll, by
   * size, time and version, and begins with the first poll that finds them.
   */
  readonly stableFor?: number;
  /**
   * The task waits for several paths, all or any of them: its input and output are then `paths`, lists, the output those
   * that are there. Without it, they are `path`.
   */
  readonly paths?: "all" | "any";
}

const numbers = { atLeast: [1, "a whole number, 1 or more"], minSize: [0, "a number of bytes"] } as const;
const durations = ["minAge", "maxAge", "stableFor"] as const;
const words = { match: ["file", "prefix", "glob"], paths: ["all", "any"] } as const;

/**
 * Checks conditions, as an author wrote them or as they came in a template.
 * @throws FlyteError `InvalidDefinition` that names the field.
 */
export function readConditions(given: object): ObjectStoreConditions {
  const conditions = given as Readonly<Record<string, unknown>>;
  const wrong = (field: string, right: string): FlyteError =>
    new FlyteError("InvalidDefinition", `${field} is ${JSON.stringify(conditions[field])}; it must be ${right}`);
  const known = [...Object.keys(numbers), ...durations, ...Object.keys(words)];
  const read: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(conditions)) {
    if (value === undefined) continue;
    if (!known.includes(field)) throw wrong(field, `left out: there are ${known.join(", ")}`);
    read[field] = value;
  }
  for (const [field, [least, right]] of Object.entries(numbers)) {
    const value = read[field];
    if (value !== undefined && !(Number.isInteger(value) && (value as number) >= least)) throw wrong(field, right);
  }
  for (const field of durations) {
    const value = read[field];
    if (value !== undefined && !(typeof value === "number" && Number.isFinite(value) && value > 0)) {
      throw wrong(field, "a number of milliseconds above 0");
    }
  }
  for (const [field, allowed] of Object.entries(words)) {
    const value = read[field];
    const names: readonly unknown[] = allowed;
    if (value !== undefined && !names.includes(value))
      throw wrong(field, allowed.map((word) => `"${word}"`).join(" or "));
  }
  if (read.match === "file" && read.atLeast !== undefined) {
    throw new FlyteError("InvalidDefinition", 'atLeast counts files; it goes with match "prefix" or "glob"');
  }
  const { minAge = 0, maxAge = Infinity } = read as ObjectStoreConditions;
  if (minAge >= maxAge) {
    throw new FlyteError("InvalidDefinition", `minAge is ${minAge} and maxAge ${maxAge}; no file can be both`);
  }
  return read;
}
