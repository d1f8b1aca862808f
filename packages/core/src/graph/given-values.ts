/** What stands in the values that calls are given: outputs, other calls, and what must be a copy. */
import { FlyteError } from "../errors/flyte-error.ts";
import { isRecord } from "../types/collections.ts";
import { asOutput, isCall } from "./call.ts";

/** True for an output or a call, and for a list or record that holds one, however deep. */
export function holdsOutput(value: unknown, seen: Set<unknown> = new Set()): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (asOutput(value) !== undefined || isCall(value)) return true;
  const parts = Array.isArray(value) ? value : isRecord<unknown>(value) ? Object.values(value) : [];
  if (parts.length === 0 || seen.has(value)) return false;
  seen.add(value);
  return parts.some((part) => holdsOutput(part, seen));
}

/**
 * The value with copies of its lists and records: one that was given to a node, or stands in for a missing one, stays as
 * it is, whatever its maker or a task does to it later. Everything else in it is the same.
 */
export function ownCopy(value: unknown, copies: Map<unknown, unknown> = new Map()): unknown {
  if (typeof value !== "object" || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    copies.set(value, list);
    for (const item of value) list.push(ownCopy(item, copies));
    return list;
  }
  if (!isRecord<unknown>(value)) return value;
  const record: Record<string, unknown> = {};
  copies.set(value, record);
  for (const [key, item] of Object.entries(value)) {
    Object.defineProperty(record, key, {
      value: ownCopy(item, copies),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return record;
}

/** The value with every output in it awaited; the very same where there is none. */
export async function awaited(value: unknown): Promise<unknown> {
  if (!holdsOutput(value)) return value;
  const output = asOutput(value);
  if (output !== undefined) return output;
  if (isCall(value)) throw new FlyteError("InvalidInput", severalOutputs(value.outputs));
  if (Array.isArray(value)) return Promise.all(value.map(awaited));
  const entries = Object.entries(value as object).map(async ([key, item]) => [key, await awaited(item)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Why a call with several outputs, or none, is no value. */
export function severalOutputs(outputs: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(outputs).map((name) => `.${name}`);
  if (names.length === 0) return "a call that has no output was given";
  return `a call with ${names.length} outputs was given; give one of them (${names.join(", ")})`;
}
