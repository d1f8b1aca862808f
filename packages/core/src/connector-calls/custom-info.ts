import type { JsonObject } from "@bufbuild/protobuf";
import type { Log } from "../context/log.ts";

/**
 * What a connector wants to show, as JSON: what JSON cannot say is left out, and an integer of any size is a number, or a
 * text where a number would not be exact. Nothing where it is no object: it is for show, and never a job's failure.
 */
export function customInfoOf(value: unknown, log: Log): JsonObject | undefined {
  if (value === undefined || value === null) return undefined;
  try {
    const plain: unknown = JSON.parse(JSON.stringify(value, (_key, item: unknown) => sayable(item)));
    if (typeof plain === "object" && plain !== null && !Array.isArray(plain)) return plain as JsonObject;
    log.warn("a connector's custom info is no object, and is left out");
  } catch (error) {
    log.warn(`a connector's custom info is no JSON, and is left out: ${String(error)}`);
  }
  return undefined;
}

function sayable(item: unknown): unknown {
  if (typeof item !== "bigint") return item;
  return Number.isSafeInteger(Number(item)) ? Number(item) : String(item);
}
