import type { JsonValue } from "@bufbuild/protobuf";
import type { AnyEntity } from "@flyte-ts/core";

/** Something that our compiler refuses, made a second time in the messages of something right. */
export interface Mistake {
  readonly what: string;
  /** Makes the mistake with our API: what it defines is compiled, unless that throws already. */
  readonly ours: () => unknown;
  /** What we say. */
  readonly says: RegExp;
  /** Something right. */
  readonly right: AnyEntity;
  /** What makes it wrong: places in its message, in protobuf's JSON, and what stands there instead; null for nothing. */
  readonly wrong: readonly Change[];
  /** What Flyte says; or why it takes it, and we do not, and what other clusters may say; or why it is not sent. */
  readonly flyte: RegExp | { readonly takes: string; readonly unless?: RegExp } | { readonly unsent: string };
}

/** A place in a message, such as `template.nodes.0.id`, and what stands there instead. */
export type Change = readonly [place: string, value: JsonValue | ((before: JsonValue) => JsonValue)];

/** A message in JSON with changes. @throws Error for a place that is not there. */
export function changed(message: JsonValue, changes: readonly Change[]): JsonValue {
  const copy = structuredClone(message);
  for (const [place, value] of changes) {
    const steps = place.split(".");
    const last = steps.pop() ?? "";
    const holder = steps.reduce<JsonValue | undefined>(stepInto, copy);
    if (typeof holder !== "object" || holder === null) throw new Error(`there is no ${place}`);
    const fields = holder as { [key: string]: JsonValue };
    if (value === null) delete fields[last];
    else fields[last] = typeof value === "function" ? value(fields[last] ?? null) : value;
  }
  return copy;
}

function stepInto(value: JsonValue | undefined, step: string): JsonValue | undefined {
  return typeof value === "object" && value !== null ? (value as { [key: string]: JsonValue })[step] : undefined;
}
