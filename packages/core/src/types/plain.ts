/**
 * Plain values: what an object, a JSON value or an attribute path looks like on the wire, as msgpack (today's form) or as
 * a `google.protobuf.Struct` (older SDKs, the console).
 */
import { decode, Encoder } from "@msgpack/msgpack";
import { FlyteError } from "../errors/flyte-error.ts";
import { scalarOf } from "../wire/literals.ts";
import type { Literal } from "../wire/messages.ts";

/** A value inside an object. `PlainFloat` marks a number that is a float even when it has no fraction. */
export type Plain =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PlainFloat
  | readonly Plain[]
  | { readonly [key: string]: Plain };

/** A number that msgpack must write as float64, so that Python reads 2.0 and hashes agree. */
export class PlainFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

const integers = new Encoder({ useBigInt64: true });
const floats = new Encoder({ forceIntegerToFloat: true });

/** Msgpack of a plain value. Maps keep the order of their keys. */
export function encodePlain(value: Plain): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return new Uint8Array(Buffer.concat(parts));
}

function write(value: Plain, parts: Uint8Array[]): void {
  if (value instanceof PlainFloat) {
    parts.push(floats.encode(value.value));
  } else if (Array.isArray(value)) {
    parts.push(header(value.length, 0x90, 0xdc));
    for (const item of value as readonly Plain[]) write(item, parts);
  } else if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) {
    const entries = Object.entries(value as { readonly [key: string]: Plain });
    parts.push(header(entries.length, 0x80, 0xde));
    for (const [key, item] of entries) {
      parts.push(integers.encode(key));
      write(item, parts);
    }
  } else if (typeof value === "bigint" && value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) {
    parts.push(integers.encode(Number(value)));
  } else {
    parts.push(integers.encode(value));
  }
}

/** The head of an array (`0x90`, `0xdc`) or map (`0x80`, `0xde`): below 16 items one byte, then 16 or 32 bits of count. */
function header(count: number, small: number, large: number): Uint8Array {
  if (count < 16) return Uint8Array.of(small | count);
  if (count < 0x10000) return Uint8Array.of(large, count >> 8, count & 0xff);
  return Uint8Array.of(large + 1, count >>> 24, (count >> 16) & 0xff, (count >> 8) & 0xff, count & 0xff);
}

/** The plain value of msgpack bytes; 64-bit integers become numbers where they fit. */
function decodePlain(bytes: Uint8Array): Plain {
  try {
    return narrowed(decode(bytes, { useBigInt64: true }));
  } catch (error) {
    throw new FlyteError("ConversionFailed", `not msgpack: ${(error as Error).message}`, { cause: error });
  }
}

/** A decoded value with numbers in the place of the bigints that fit, and text in the place of timestamps. */
function narrowed(value: unknown): Plain {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(narrowed);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, narrowed(item)]));
  }
  return value as Plain;
}

/** The plain value that a literal carries as msgpack or Struct; undefined for every other literal. */
export function plainOf(literal: Literal): { readonly value: Plain } | undefined {
  const scalar = scalarOf(literal);
  if (scalar?.case === "binary" && scalar.value.tag === "msgpack") return { value: decodePlain(scalar.value.value) };
  // a copy: what a task does to its value must not reach the others that receive the literal
  if (scalar?.case === "generic") return { value: structuredClone(scalar.value) as Plain };
  return undefined;
}
