/** Values as texts, as Flyte's co-pilot writes and reads them (flytecopilot/data/{download,upload}.go). */
import { SimpleType } from "@flyte-ts/idl/core";
import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";
import { encodePlain, type Plain, plainOf } from "../types/plain.ts";
import { kindOf, msgpackLiteral, noneLiteral, primitiveLiteral, scalarOf } from "../wire/literals.ts";
import type { Literal, LiteralType } from "../wire/messages.ts";

const nanosPerSecond = 1_000_000_000n;

/** Seconds and nanoseconds as a number with as many digits as it needs: `90.5`. */
function seconds(whole: bigint, nanos: number): string {
  const total = whole * nanosPerSecond + BigInt(nanos);
  const size = total < 0n ? -total : total;
  const fraction = (size % nanosPerSecond).toString().padStart(9, "0").replace(/0+$/, "");
  return `${total < 0n ? "-" : ""}${size / nanosPerSecond}${fraction === "" ? "" : `.${fraction}`}`;
}

/** A float without an exponent (Go's `f` format). */
function decimal(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  const text = `${value}`;
  const [, sign = "", whole = "", fraction = "", exponent] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text) ?? [];
  if (exponent === undefined) return text;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, "0")}`;
}

/**
 * A literal as a JSON value: what stands in `inputs.json`.
 * @param blob the local path of a file or folder.
 * @throws FlyteError `Unsupported` for datasets, schemas and bytes.
 */
export function literalJson(literal: Literal, blob: (uri: string) => string): Plain {
  const plain = plainOf(literal);
  if (plain !== undefined) return plain.value;
  const { value } = literal;
  if (value.case === "collection") return value.value.literals.map((item) => literalJson(item, blob));
  if (value.case === "map") {
    const entries = Object.entries(value.value.literals).map(([key, item]) => [key, literalJson(item, blob)] as const);
    return Object.fromEntries(entries);
  }
  const scalar = scalarOf(literal);
  switch (scalar?.case) {
    case "noneType":
      return null;
    case "union":
      if (scalar.value.value !== undefined) return literalJson(scalar.value.value, blob);
      break;
    case "blob":
      return blob(scalar.value.uri);
    case "primitive": {
      const primitive = scalar.value.value;
      switch (primitive.case) {
        case "datetime": {
          const { seconds: whole, nanos } = primitive.value;
          const fraction = nanos === 0 ? "" : `.${`${nanos}`.padStart(9, "0").replace(/0+$/, "")}`;
          return `${new Date(Number(whole) * 1000).toISOString().slice(0, 19)}${fraction}Z`;
        }
        case "duration":
          return `${seconds(primitive.value.seconds, primitive.value.nanos)}s`;
        case "integer":
        case "floatValue":
        case "stringValue":
        case "boolean":
          return primitive.value;
      }
    }
  }
  throw new FlyteError("Unsupported", `a value that holds ${kindOf(literal)} cannot be given to a container as text`);
}

/** A JSON value as one text: a string as it is, other values as JSON has them. */
export function plainText(value: Plain): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return decimal(value);
  return jsonText(value);
}

/** JSON in which 64-bit integers keep all their digits. */
export function jsonText(value: Plain): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item as Plain)).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value as Readonly<Record<string, Plain>>);
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

const moment = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/i;
const unitNanos = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 } as const;

function goDuration(text: string): bigint | undefined {
  if (text === "0") return 0n;
  const match = /^([+-]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.exec(text);
  if (match === null) return undefined;
  const parts = text.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|ms|s|m|h)/g);
  let total = 0n;
  for (const [, whole = "", fraction = "", unit] of parts) {
    const nanos = BigInt(unitNanos[unit as keyof typeof unitNanos]);
    total += BigInt(whole || "0") * nanos + (BigInt(fraction || "0") * nanos) / 10n ** BigInt(fraction.length);
  }
  return match[1] === "-" ? -total : total;
}

const trues = ["1", "t", "T", "true", "TRUE", "True"];
const falses = ["0", "f", "F", "false", "FALSE", "False"];

/** True for a type whose values co-pilot reads from a file: a simple one. */
export const isText = ({ type }: LiteralType): boolean =>
  type.case === "simple" && type.value !== SimpleType.BINARY && type.value !== SimpleType.ERROR;

/**
 * The literal of a text that a container wrote.
 * @throws FlyteError `ConversionFailed` for a text that is not of the type.
 */
export function textLiteral(given: string, { type }: LiteralType): Literal {
  const text = given.trim();
  const bad = (what: string): FlyteError => new FlyteError("ConversionFailed", `${shown(text)} is not ${what}`);
  switch (type.case === "simple" ? type.value : undefined) {
    case SimpleType.NONE:
      return noneLiteral();
    case SimpleType.STRING:
      return primitiveLiteral({ case: "stringValue", value: text });
    case SimpleType.INTEGER: {
      if (!/^[+-]?\d+$/.test(text)) throw bad("an integer");
      const integer = BigInt(text.replace("+", ""));
      if (BigInt.asIntN(64, integer) !== integer) throw bad("an integer of 64 bits");
      return primitiveLiteral({ case: "integer", value: integer });
    }
    case SimpleType.FLOAT: {
      const value = Number(text.replace(/^([+-]?)inf(inity)?$/i, "$1Infinity"));
      if (text === "" || (Number.isNaN(value) && !/^nan$/i.test(text))) throw bad("a number");
      return primitiveLiteral({ case: "floatValue", value });
    }
    case SimpleType.BOOLEAN:
      if (!trues.includes(text) && !falses.includes(text)) throw bad("true or false");
      return primitiveLiteral({ case: "boolean", value: trues.includes(text) });
    case SimpleType.DATETIME: {
      const [, local, fraction = "", zone] = moment.exec(text) ?? [];
      const ms = new Date(`${local}${zone?.toUpperCase()}`).getTime();
      if (Number.isNaN(ms)) throw bad("a time such as 2024-02-29T12:30:00Z");
      const value = {
        $typeName: "google.protobuf.Timestamp" as const,
        seconds: BigInt(ms / 1000),
        nanos: Number(fraction.padEnd(9, "0")),
      };
      return primitiveLiteral({ case: "datetime", value });
    }
    case SimpleType.DURATION: {
      const nanos = goDuration(text);
      if (nanos === undefined) throw bad("a duration such as 1h2m3.5s");
      const value = {
        $typeName: "google.protobuf.Duration" as const,
        seconds: nanos / nanosPerSecond,
        nanos: Number(nanos % nanosPerSecond),
      };
      return primitiveLiteral({ case: "duration", value });
    }
    case SimpleType.STRUCT:
      try {
        return msgpackLiteral(encodePlain(JSON.parse(text) as Plain));
      } catch (error) {
        throw new FlyteError("ConversionFailed", `${shown(text)} is not JSON`, { cause: error });
      }
    default:
      throw new FlyteError("ConversionFailed", "a text can only be a simple value");
  }
}
