import { SimpleType } from "@flyte-ts/idl/core";
import { FlyteError } from "../errors/flyte-error.ts";
import { durationMessage, durationNanoseconds, nanosecondsMessage, scaled } from "../wire/durations.ts";
import { primitiveLiteral, primitiveOf } from "../wire/literals.ts";
import type { Literal, LiteralType } from "../wire/messages.ts";
import { type Plain, PlainFloat } from "./plain.ts";
import { dateOfNanoseconds, dateOfText, nanosecondsOfDate } from "./precise-date.ts";
import { type Acceptance, type JsonSchema, simpleType, TypeTransformer } from "./type-transformer.ts";

const nanosPerSecond = 1_000_000_000n;
const dayMs = 86_400_000;

/** What ISO 8601 and Python's `isoformat` write: a day, a time after `T` or a space, a zone. `Date` alone takes "May 5". */
const isoTime = /^[+-]?\d{4,6}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** The range of protobuf's Timestamp, in milliseconds since 1970: the years 1 to 9999. */
const earliest = new Date("0001-01-01T00:00:00Z").getTime();
const latest = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** `t.datetime`: a DATETIME as a `Date`; a `PreciseDate` where the wire says more than milliseconds. */
export class DatetimeType extends TypeTransformer<Date> {
  readonly name: string = "datetime";
  readonly literalType: LiteralType = simpleType(SimpleType.DATETIME);

  toLiteral(value: Date): Literal {
    const nanoseconds = nanosecondsOfDate(this.checked(value));
    const nanos = ((nanoseconds % nanosPerSecond) + nanosPerSecond) % nanosPerSecond;
    const seconds = (nanoseconds - nanos) / nanosPerSecond;
    return primitiveLiteral({
      case: "datetime",
      value: { $typeName: "google.protobuf.Timestamp", seconds, nanos: Number(nanos) },
    });
  }
  toPlain(value: Date): string {
    return this.checked(value).toISOString().replace("Z", "+00:00");
  }
  fromPlain(value: Plain): Date {
    const date = typeof value === "string" && isoTime.test(value) ? dateOfText(value) : undefined;
    if (date === undefined) throw this.mismatchedPlain(value);
    return date;
  }
  override accepts(value: unknown): Acceptance {
    return value instanceof Date ? "native" : "no";
  }
  jsonSchema(): JsonSchema {
    return { type: "string", format: "date-time" };
  }
  protected fromLiteral(literal: Literal): Date {
    const primitive = primitiveOf(literal);
    if (primitive?.case === "stringValue") return this.fromPlain(primitive.value);
    if (primitive?.case !== "datetime") throw this.mismatchedLiteral(literal);
    return dateOfNanoseconds(primitive.value.seconds * nanosPerSecond + BigInt(primitive.value.nanos));
  }
  protected checked(value: Date): Date {
    if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw this.mismatch(value, "a valid Date");
    const ms = value.getTime();
    if (ms >= earliest && ms <= latest) return value;
    throw new FlyteError(
      "InvalidType",
      `${value.toISOString()} is outside of the years 1 to 9999, which Flyte can say`,
    );
  }
}

/** `t.date`: a day, as a `Date` at midnight UTC; on the wire a DATETIME. */
export class DateType extends DatetimeType {
  override readonly name = "date";

  override toPlain(value: Date): string {
    return this.checked(value).toISOString().slice(0, 10);
  }
  override fromPlain(value: Plain): Date {
    return midnight(super.fromPlain(value));
  }
  override jsonSchema(): JsonSchema {
    return { type: "string", format: "date" };
  }
  protected override fromLiteral(literal: Literal): Date {
    return midnight(super.fromLiteral(literal));
  }
  protected override checked(value: Date): Date {
    return midnight(super.checked(value));
  }
}

const midnight = (date: Date): Date => new Date(Math.floor(date.getTime() / dayMs) * dayMs);

/** The nanoseconds that a plain value or literal says: a number is one of seconds, as Python's timedelta writes it. */
function plainNanoseconds(value: Plain): bigint | undefined {
  if (typeof value === "bigint") return value * nanosPerSecond;
  return typeof value === "number" && Number.isFinite(value) ? scaled(value, 9) : undefined;
}

function literalNanoseconds(literal: Literal): bigint | undefined {
  const primitive = primitiveOf(literal);
  if (primitive?.case === "duration") return durationNanoseconds(primitive.value);
  // behind an attribute path an object's duration is the number that stands in it
  if (primitive?.case === "floatValue" || primitive?.case === "integer") return plainNanoseconds(primitive.value);
  return undefined;
}

/** Seconds, for a plain value: exact to the nanosecond as far as a double goes. */
const plainSeconds = (nanoseconds: bigint): PlainFloat => new PlainFloat(decimal(nanoseconds, 9));

/** An integer of a smaller unit as a number: the double that is nearest. */
function decimal(value: bigint, digits: number): number {
  // a quotient of two exact doubles is rounded as a decimal text would be
  const exact = Number(value);
  return Number.isSafeInteger(exact) ? exact / 10 ** digits : Number(`${value}e-${digits}`);
}

/**
 * `t.duration`: a DURATION in milliseconds. Nanoseconds are its fraction; a duration that a number cannot hold to the
 * nanosecond (from some 100 days on) is an error that names `t.nanoseconds`.
 */
export class DurationType extends TypeTransformer<number> {
  readonly name = "timedelta";
  readonly literalType: LiteralType = simpleType(SimpleType.DURATION);

  toLiteral(value: number): Literal {
    return primitiveLiteral({ case: "duration", value: durationMessage(this.checked(value)) });
  }
  toPlain(value: number): Plain {
    return plainSeconds(scaled(this.checked(value), 6));
  }
  fromPlain(value: Plain): number {
    const nanoseconds = plainNanoseconds(value);
    if (nanoseconds === undefined) throw this.mismatchedPlain(value);
    return decimal(nanoseconds, 6);
  }
  override accepts(value: unknown): Acceptance {
    return typeof value === "number" ? "native" : "no";
  }
  jsonSchema(): JsonSchema {
    return { type: "number", format: "time-delta" };
  }
  protected fromLiteral(literal: Literal): number {
    const nanoseconds = literalNanoseconds(literal);
    if (nanoseconds === undefined) throw this.mismatchedLiteral(literal);
    const ms = decimal(nanoseconds, 6);
    if (scaled(ms, 6) === nanoseconds) return ms;
    throw new FlyteError(
      "InvalidType",
      `a duration of ${nanoseconds} nanoseconds is no exact number of milliseconds; use t.nanoseconds`,
    );
  }
  protected checked(value: number): number {
    if (typeof value !== "number" || !Number.isFinite(value)) throw this.mismatch(value, "a number of milliseconds");
    return value;
  }
}

/** `t.nanoseconds`: a DURATION as a bigint of nanoseconds, exact. A number is taken for milliseconds, as elsewhere. */
export class NanosecondsType extends TypeTransformer<bigint, bigint | number> {
  readonly name = "timedelta";
  readonly literalType: LiteralType = simpleType(SimpleType.DURATION);

  toLiteral(value: bigint | number): Literal {
    return primitiveLiteral({ case: "duration", value: nanosecondsMessage(this.checked(value)) });
  }
  toPlain(value: bigint | number): Plain {
    return plainSeconds(this.checked(value));
  }
  fromPlain(value: Plain): bigint {
    const nanoseconds = plainNanoseconds(value);
    if (nanoseconds === undefined) throw this.mismatchedPlain(value);
    return nanoseconds;
  }
  override accepts(value: unknown): Acceptance {
    if (typeof value === "bigint") return "native";
    return typeof value === "number" ? "converted" : "no";
  }
  jsonSchema(): JsonSchema {
    return { type: "number", format: "time-delta" };
  }
  protected fromLiteral(literal: Literal): bigint {
    const nanoseconds = literalNanoseconds(literal);
    if (nanoseconds === undefined) throw this.mismatchedLiteral(literal);
    return nanoseconds;
  }
  protected checked(value: bigint | number): bigint {
    if (typeof value === "bigint") return value;
    if (typeof value === "number" && Number.isFinite(value)) return scaled(value, 6);
    throw this.mismatch(value, "a bigint of nanoseconds, or a number of milliseconds");
  }
}
