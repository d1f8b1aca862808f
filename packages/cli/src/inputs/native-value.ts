import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import {
  type AnyType,
  type ConversionContext,
  FlyteError,
  formOf,
  hasDefault,
  nearest,
  schemeOf,
  type Types,
} from "@flyte-ts/core/plugin";
import { durationExample, parseDuration } from "./durations.ts";
import { isObject, type JsonValue, parseJson, shownJson } from "./json.ts";
import { dateExample, datetimeExample, parseDate, parseDatetime } from "./times.ts";

/**
 * The native value of a text from the command line. Lists, maps, objects and JSON are JSON texts; `null` leaves an
 * optional value out; all others are as `nativeOf` takes them.
 * @param place what messages begin with: the flag.
 * @throws FlyteError `InvalidInput` that names the place, the text and what would be right.
 */
export async function nativeOfText(
  type: AnyType,
  text: string,
  place: string,
  context: ConversionContext,
): Promise<unknown> {
  const form = formOf(type);
  switch (form.kind) {
    case "optional":
      return text === "null" ? null : nativeOfText(form.item, text, place, context);
    case "union":
      return firstOf(form.variants, (variant) => nativeOfText(variant, text, place, context));
    case "literal":
      return nativeOf(type, form.values.find((value) => String(value) === text) ?? text, place, context);
    case "list":
      return nativeOf(type, parseJson(text, place, `a list, such as ${listExample(form.item)}`), place, context);
    case "map":
    case "object":
      return nativeOf(type, parseJson(text, place, 'an object, such as {"a": 1}'), place, context);
    case "json":
    case "none":
    case "error":
    case "other":
      return nativeOf(type, parseJson(text, place), place, context);
    case "integer":
      return nativeOf(type, /^[+-]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, "")) : text, place, context);
    case "float":
      return nativeOf(type, text.trim() !== "" && !Number.isNaN(Number(text)) ? Number(text) : text, place, context);
    case "boolean":
      return nativeOf(type, text === "true" ? true : text === "false" ? false : text, place, context);
    default:
      return nativeOf(type, text, place, context);
  }
}

/** A list of numbers, or of texts where the items are no numbers. */
function listExample(item: AnyType): string {
  return ["integer", "float", "duration"].includes(formOf(item).kind) ? "[1, 2]" : '["a", "b"]';
}

/**
 * The native value of what JSON or YAML says. Integers may be texts of digits, floats `"NaN"`, `"Infinity"` and
 * `"-Infinity"`; times are ISO 8601, durations texts with units or numbers of milliseconds, bytes base64, files, folders
 * and datasets paths or URIs.
 * @throws FlyteError `InvalidInput` that names the place, the value and what would be right.
 */
export async function nativeOf(
  type: AnyType,
  value: JsonValue,
  place: string,
  context: ConversionContext,
): Promise<unknown> {
  const form = formOf(type);
  const wrong = (right: string): FlyteError =>
    new FlyteError("InvalidInput", `${place} is ${shownJson(value)}; it must be ${right}`);
  switch (form.kind) {
    case "integer": {
      const integer = integerOf(value);
      if (integer === undefined) throw wrong("a whole number");
      // The type knows whether it holds numbers or bigints, and what it says to a number that is too large.
      return converted(place, () => type.fromPlain(integer, context));
    }
    case "float":
      if (typeof value === "number" || typeof value === "bigint") return Number(value);
      if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
      throw wrong("a number");
    case "string":
      if (typeof value === "string") return value;
      throw wrong("a text (in quotes)");
    case "boolean":
      if (typeof value === "boolean") return value;
      throw wrong("true or false");
    case "enum": {
      if (typeof value === "string" && form.values.includes(value)) return value;
      const close = typeof value === "string" ? nearest(value, form.values) : undefined;
      throw wrong(`one of ${form.values.join(", ")}${close === undefined ? "" : `; did you mean ${close}?`}`);
    }
    case "datetime":
      return required(
        typeof value === "string" ? parseDatetime(value) : undefined,
        wrong(`a time such as ${datetimeExample}`),
      );
    case "date":
      return required(typeof value === "string" ? parseDate(value) : undefined, wrong(`a day such as ${dateExample}`));
    case "duration":
      if (typeof value === "number") return value;
      return required(
        typeof value === "string" ? parseDuration(value) : undefined,
        wrong(`a duration with its unit, such as ${durationExample}`),
      );
    case "bytes":
      if (typeof value === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(value)) return Buffer.from(value, "base64");
      throw wrong("bytes in base64");
    case "none":
      if (value === null) return null;
      throw wrong("null");
    case "optional":
      return value === null ? null : nativeOf(form.item, value, place, context);
    case "list":
      if (!Array.isArray(value)) throw wrong(`a list in JSON, such as ${listExample(form.item)}`);
      return Promise.all(
        (value as readonly JsonValue[]).map((item, at) => nativeOf(form.item, item, `${place}[${at}]`, context)),
      );
    case "map": {
      if (!isObject(value)) throw wrong('values by name in JSON, such as {"a": 1}');
      const entries = Object.entries(value).map(
        async ([key, item]) => [key, await nativeOf(form.item, item, `${place}.${key}`, context)] as const,
      );
      return Object.fromEntries(await Promise.all(entries));
    }
    case "object":
      if (!isObject(value)) throw wrong(`an object in JSON with the fields ${Object.keys(form.fields).join(", ")}`);
      return nativeObject(form.fields, value, place, context);
    case "file":
    case "directory": {
      if (typeof value !== "string") throw wrong(`the path or URI of a ${form.kind === "file" ? "file" : "folder"}`);
      return type.fromPlain(await located(value, place, form.kind), context);
    }
    case "dataset": {
      const uri = isObject(value) ? value.uri : value;
      if (typeof uri !== "string") throw wrong("the path or URI of a dataset");
      const format = isObject(value) && typeof value.format === "string" ? value.format : form.format;
      return type.fromPlain({ uri: await located(uri, place, "dataset"), file_format: format }, context);
    }
    case "literal": {
      const found = form.values.find((known) => known === value);
      if (found === undefined) throw wrong(`one of ${form.values.map((known) => JSON.stringify(known)).join(", ")}`);
      return found;
    }
    case "union":
      return firstOf(form.variants, (variant) => nativeOf(variant, value, place, context));
    case "json":
      return value;
    case "error":
    case "other":
      return converted(place, () => type.fromPlain(value, context));
  }
}

/** What the first variant that takes a value makes of it; the errors of all where none does. */
async function firstOf(
  variants: readonly AnyType[],
  convert: (variant: AnyType) => Promise<unknown>,
): Promise<unknown> {
  const reasons: string[] = [];
  for (const variant of variants) {
    try {
      return await convert(variant);
    } catch (error) {
      if (!FlyteError.is(error)) throw error;
      reasons.push(error.message);
    }
  }
  throw new FlyteError("InvalidInput", reasons.join("; or "));
}

function integerOf(value: JsonValue): number | bigint | undefined {
  const text = typeof value === "string" ? value : undefined;
  if (text !== undefined) return /^-?\d+$/.test(text) ? integerOf(BigInt(text)) : undefined;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  return typeof value === "number" && Number.isInteger(value) ? value : undefined;
}

async function nativeObject(
  fields: Types,
  value: { readonly [key: string]: JsonValue },
  place: string,
  context: ConversionContext,
): Promise<Record<string, unknown>> {
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(fields, key)) continue;
    const close = nearest(key, Object.keys(fields));
    const hint = close === undefined ? `the fields are ${Object.keys(fields).join(", ")}` : `did you mean "${close}"?`;
    throw new FlyteError("InvalidInput", `${place} has no field "${key}"; ${hint}`);
  }
  const natives: Record<string, unknown> = {};
  for (const [key, type] of Object.entries(fields)) {
    const field = value[key];
    if (field !== undefined) natives[key] = await nativeOf(type, field, `${place}.${key}`, context);
    else if (!hasDefault(type) && !type.isOptional) {
      throw new FlyteError("InvalidInput", `${place} lacks the field "${key}"`);
    }
  }
  return natives;
}

/** A local path, absolute, of something that is there; a URI of another scheme as it is. */
async function located(uri: string, place: string, kind: "file" | "directory" | "dataset"): Promise<string> {
  const scheme = schemeOf(uri);
  if (scheme !== "file") return uri;
  if (/^file:/i.test(uri)) return uri;
  const path = resolve(uri);
  const found = await stat(path).catch(() => undefined);
  const noun = { file: "file", directory: "folder", dataset: "file or folder" }[kind];
  if (found === undefined) throw new FlyteError("NotFound", `${place}: there is no ${noun} ${uri} (${path})`);
  if (kind === "file" && !found.isFile()) {
    throw new FlyteError("InvalidInput", `${place}: ${uri} is a folder; it must be a file`);
  }
  if (kind === "directory" && !found.isDirectory()) {
    throw new FlyteError("InvalidInput", `${place}: ${uri} is a file; it must be a folder`);
  }
  return path;
}

function required<T>(value: T | undefined, error: FlyteError): T {
  if (value === undefined) throw error;
  return value;
}

/** Runs a conversion; a value that it refuses is the user's mistake, under the name that the user knows. */
export async function converted<R>(place: string, convert: () => R | Promise<R>): Promise<R> {
  try {
    return await convert();
  } catch (error) {
    if (!FlyteError.is(error) || !["InvalidType", "ConversionFailed"].includes(error.code)) throw error;
    throw new FlyteError("InvalidInput", `${place}: ${error.message}`, { cause: error });
  }
}
