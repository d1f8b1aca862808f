import { FlyteError, PreciseDate } from "@flyte-ts/core/plugin";
import type { ParameterType, ScalarType } from "./parameter-type.ts";

/** A parameter's value as the REST API writes it (`QueryParameterValue`). Every scalar is text; NULL is null. */
export type ParameterValue =
  | { readonly value: string | null }
  | { readonly arrayValues: readonly ParameterValue[] }
  | { readonly structValues: Readonly<Record<string, ParameterValue>> };

/** A named parameter of a query with its value (`QueryParameter`). */
export interface BoundParameter {
  readonly name: string;
  readonly parameterType: ParameterType;
  readonly parameterValue: ParameterValue;
}

/** In what form a value comes. */
export interface ValueForm {
  /** True within an object, whose values have the form of JSON: durations are seconds there, dates text. */
  readonly inside?: boolean;
  /** True where a text is JSON already, for a string that is bound as JSON. */
  readonly textIsJson?: boolean;
}

/**
 * A native value as a parameter's. The REST API takes every scalar as text, which loses nothing: an INT64 beyond 2^53 is
 * written out, NaN and the infinities have names, bytes are base64, moments have microseconds (finer parts are cut).
 * @throws FlyteError `InvalidInput` that names the input for a value that is none of the type.
 */
export function parameterValue(
  name: string,
  type: ParameterType,
  value: unknown,
  form: ValueForm = {},
): ParameterValue {
  if (value === null || value === undefined) return { value: null };
  switch (type.type) {
    case "ARRAY":
      if (!Array.isArray(value)) throw mismatch(name, type, value);
      return {
        arrayValues: value.map((item, index) => parameterValue(`${name}[${index}]`, type.arrayType, item, form)),
      };
    case "STRUCT": {
      if (typeof value !== "object" || Array.isArray(value)) throw mismatch(name, type, value);
      const fields = value as Readonly<Record<string, unknown>>;
      const values = type.structTypes.map(({ name: field, type: fieldType }) => [
        field,
        parameterValue(`${name}.${field}`, fieldType, Object.hasOwn(fields, field) ? fields[field] : null, {
          inside: true,
        }),
      ]);
      return { structValues: Object.fromEntries(values) };
    }
    default: {
      const text = scalarText(type.type, value, form);
      if (text === undefined) throw mismatch(name, type, value);
      return { value: text };
    }
  }
}

/** The text of a scalar; undefined for a value that is none of the type. */
function scalarText(
  type: ScalarType,
  value: unknown,
  { inside = false, textIsJson = false }: ValueForm,
): string | undefined {
  switch (type) {
    case "JSON":
      return textIsJson && typeof value === "string" ? value : jsonText(value);
    case "BOOL":
      return typeof value === "boolean" ? String(value) : undefined;
    case "INT64":
      return typeof value === "bigint" || Number.isSafeInteger(value) ? String(value) : undefined;
    case "FLOAT64":
      if (typeof value === "number") return Object.is(value, -0) ? "-0.0" : String(value);
      return typeof value === "bigint" ? String(value) : undefined;
    case "NUMERIC":
    case "BIGNUMERIC":
      if (typeof value === "number" && !Number.isFinite(value)) return undefined;
      return ["number", "bigint", "string"].includes(typeof value) ? String(value) : undefined;
    case "BYTES":
      if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
      return inside && typeof value === "string" ? value : undefined;
    case "INTERVAL":
      if (typeof value === "number") return intervalText(inside ? value * 1000 : value);
      return typeof value === "string" ? value : undefined;
    case "TIMESTAMP":
      return value instanceof Date ? `${momentText(value)}+00:00` : textOf(value);
    case "DATETIME":
      return value instanceof Date ? momentText(value) : textOf(value)?.replace(/(?:Z|\+00:00)$/, "");
    case "DATE":
      return value instanceof Date ? momentText(value).slice(0, 10) : textOf(value)?.slice(0, 10);
    default:
      return textOf(value);
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** A moment in UTC, as far as the microsecond: `2024-02-29 12:30:05.000001`. */
function momentText(value: Date): string {
  const [day = "", time = ""] = new Date(value.getTime()).toISOString().split("T");
  const below = PreciseDate.is(value) ? Math.floor(value.nanoseconds / 1000) : 0;
  return `${day} ${time.replace("Z", "")}${String(below).padStart(3, "0")}`;
}

/** A duration in GoogleSQL's canonical form, `years-months days hours:minutes:seconds`, with nothing but the last part. */
function intervalText(milliseconds: number): string | undefined {
  const micros = Math.round(Math.abs(milliseconds) * 1000);
  if (!Number.isSafeInteger(micros)) return undefined;
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = String(micros % 1_000_000)
    .padStart(6, "0")
    .replace(/0+$/, "");
  const clock = `${Math.floor(seconds / 3600)}:${Math.floor(seconds / 60) % 60}:${seconds % 60}`;
  return `0-0 0 ${milliseconds < 0 && micros > 0 ? "-" : ""}${clock}${fraction === "" ? "" : `.${fraction}`}`;
}

/** JSON text, with integers beyond 2^53 written out, dates as ISO texts, bytes in base64. */
function jsonText(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString("base64"));
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

function mismatch(name: string, { type }: ParameterType, value: unknown): FlyteError {
  const shown = typeof value === "bigint" ? `${value}` : (JSON.stringify(value) ?? String(value));
  return new FlyteError(
    "InvalidInput",
    `inputs.${name} is ${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown}, which is no ${type}`,
  );
}
