import { t } from "@flyte-ts/core";
import { type ConversionContext, FlyteError, type Literal, type LiteralMap, PlainFloat } from "@flyte-ts/core/plugin";
import type { Placeholder } from "./placeholders.ts";
import { jsonOfPython } from "./python-text.ts";
import type { Value } from "./value.ts";

/** The values of a task's inputs. */
export interface InputValues {
  /** @throws FlyteError `InvalidInput` for what is not there. */
  of(placeholder: Placeholder): Value;
}

/**
 * The inputs as values: moments are ISO 8601 texts in UTC, durations seconds, files, directories and datasets their URIs,
 * bytes base64.
 * @param python an object or JSON input is the JSON text that Python writes of it, as in flytekit.
 */
export async function inputValues(
  inputs: LiteralMap,
  conversion: ConversionContext,
  python: boolean,
): Promise<InputValues> {
  const entries = Object.entries(inputs.literals).map(
    async ([name, literal]) => [name, await literalValue(literal, conversion, python)] as const,
  );
  const values = new Map(await Promise.all(entries));
  return {
    of({ input, path }) {
      let value = values.get(input);
      let place = `inputs.${input}`;
      if (value === undefined)
        throw new FlyteError("InvalidInput", `${place}: the request needs it, and it was not given`);
      for (const step of path) {
        const part = partOf(value, step);
        if (part === undefined) throw new FlyteError("InvalidInput", `${place} has no "${step}"`);
        value = part;
        place += `.${step}`;
      }
      return value;
    },
  };
}

function partOf(value: Value, step: string): Value | undefined {
  if (typeof value !== "object" || value === null || value instanceof PlainFloat) return undefined;
  return Object.hasOwn(value, step) ? (value as { readonly [key: string]: Value })[step] : undefined;
}

async function literalValue(literal: Literal, conversion: ConversionContext, python: boolean): Promise<Value> {
  const { value } = literal;
  switch (value.case) {
    case "collection":
      return Promise.all(value.value.literals.map((item) => literalValue(item, conversion, python)));
    case "map": {
      const entries = Object.entries(value.value.literals).map(
        async ([key, item]) => [key, await literalValue(item, conversion, python)] as const,
      );
      return Object.fromEntries(await Promise.all(entries));
    }
    case "scalar":
      break;
    default:
      throw new FlyteError("ConversionFailed", `an input holds ${value.case ?? "nothing"}, which has no text`);
  }
  const scalar = value.value.value;
  switch (scalar.case) {
    case "primitive":
      return primitiveValue(literal, conversion);
    case "noneType":
      return null;
    case "error":
      return scalar.value.message;
    case "blob":
    case "schema":
    case "structuredDataset":
      return scalar.value.uri;
    case "binary":
      if (scalar.value.tag !== "msgpack") return Buffer.from(scalar.value.value).toString("base64");
      if (python) return jsonOfPython(plain(await t.json.toNative(literal, conversion)));
      return plain(await t.json.toNative(literal, conversion));
    case "generic":
      return plain(await t.json.toNative(literal, conversion));
    case "union":
      return scalar.value.value === undefined ? null : literalValue(scalar.value.value, conversion, python);
    default:
      throw new FlyteError("ConversionFailed", `an input holds ${scalar.case ?? "an empty scalar"}, which has no text`);
  }
}

async function primitiveValue(literal: Literal, conversion: ConversionContext): Promise<Value> {
  const scalar = literal.value.case === "scalar" ? literal.value.value.value : undefined;
  const primitive = scalar?.case === "primitive" ? scalar.value.value : undefined;
  switch (primitive?.case) {
    case "integer":
    case "boolean":
    case "stringValue":
      return primitive.value;
    case "floatValue":
      return new PlainFloat(primitive.value);
    case "datetime": {
      const { seconds, nanos } = primitive.value;
      const micros = Math.floor(nanos / 1000);
      const fraction = micros === 0 ? "" : `.${String(micros).padStart(6, "0")}`;
      return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}${fraction}+00:00`;
    }
    case "duration":
      return new PlainFloat(Number(await t.duration.toNative(literal, conversion)) / 1000);
    default:
      throw new FlyteError("ConversionFailed", "an input is an empty primitive");
  }
}

/** What msgpack can say besides JSON, as JSON. */
function plain(value: unknown): Value {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null && !(value instanceof PlainFloat)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }
  return value as Value;
}

/**
 * The fields in the order of their names: Flyte sends maps and templates in any order, another one with each repetition,
 * and a repetition must be the same request.
 */
export const byName = <V>(value: Readonly<Record<string, V>>): readonly (readonly [string, V])[] =>
  Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));

/** JSON text, with integers beyond 2^53 written out. @throws FlyteError `InvalidInput` for NaN and infinities. */
export function jsonText(value: Value): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" || value instanceof PlainFloat) {
    const number = value instanceof PlainFloat ? value.value : value;
    if (Number.isFinite(number)) return JSON.stringify(number);
    throw new FlyteError("InvalidInput", `an input is ${number}, which JSON cannot say`);
  }
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(jsonText).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = byName(value as { readonly [key: string]: Value });
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

/**
 * A value inside a text.
 * @throws FlyteError `InvalidInput` for `null`: nothing says what a text would hold there.
 */
export function textOf(value: Value, place: string): string {
  if (value === null) {
    throw new FlyteError("InvalidInput", `${place} is null, and stands inside a text; give it a value`);
  }
  if (typeof value === "string") return value;
  if (value instanceof PlainFloat) return String(value.value);
  return jsonText(value);
}
