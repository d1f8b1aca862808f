import { SimpleType } from "@flyte-ts/idl/core";
import { FlyteError } from "../errors/flyte-error.ts";
import { durationMessage } from "../wire/durations.ts";
import { primitiveLiteral, primitiveOf } from "../wire/literals.ts";
import type { Literal, LiteralType } from "../wire/messages.ts";
import { type Plain, PlainFloat } from "./plain.ts";
import { type JsonSchema, simpleType, TypeTransformer } from "./type-transformer.ts";

const nanosPerMs = 1_000_000;

/** What ISO 8601 and Python's `isoformat` write: a day, a time after `T` or a space, a zone. `Date` alone takes "May 5". */
const isoTime = /^[+-]?\d{4,6}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** The times that a `google.protobuf.Timestamp` can say, in milliseconds: the years 1 to 9999. */
const timestamps = { min: Date.parse("0001-01-01T00:00:00Z"), max: Date.parse("9999-12-31T23:59:59.999Z") };

/** `t.datetime`: a DATETIME as a `Date`: milliseconds; finer digits on the wire are cut off. */
export class DatetimeType extends TypeTransformer<Date> {
  readonly name: string = "datetime";
  readonly literalType: LiteralType = simpleType(SimpleType.DATETIME);

  toLiteral(value: Date): Literal {
    const ms = this.milliseconds(value);
    const seconds = Math.floor(ms / 1000);
    const nanos = (ms - seconds * 1000) * nanosPerMs;
    return primitiveLiteral({
      case: "datetime",
      value: { $typeName: "google.protobuf.Timestamp", seconds: BigInt(seconds), nanos },
    });
  }
  toPlain(value: Date): string {
    return new Date(this.milliseconds(value)).toISOString().replace("Z", "+00:00");
  }
  fromPlain(value: Plain): Date {
    const date = typeof value === "string" && isoTime.test(value) ? new Date(value) : undefined;
    if (date === undefined || Number.isNaN(date.getTime())) throw this.mismatchedPlain(value);
    return date;
  }
  jsonSchema(): JsonSchema {
    return { type: "string", format: "date-time" };
  }
  protected fromLiteral(literal: Literal): Date {
    const primitive = primitiveOf(literal);
    if (primitive?.case === "stringValue") return this.fromPlain(primitive.value);
    if (primitive?.case !== "datetime") throw this.mismatchedLiteral(literal);
    return new Date(Number(primitive.value.seconds) * 1000 + Math.floor(primitive.value.nanos / nanosPerMs));
  }
  protected milliseconds(value: Date): number {
    if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw this.mismatch(value, "a valid Date");
    const ms = value.getTime();
    if (ms >= timestamps.min && ms <= timestamps.max) return ms;
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
    return new Date(this.milliseconds(value)).toISOString().slice(0, 10);
  }
  override fromPlain(value: Plain): Date {
    return dayOf(super.fromPlain(value));
  }
  override jsonSchema(): JsonSchema {
    return { type: "string", format: "date" };
  }
  protected override fromLiteral(literal: Literal): Date {
    return dayOf(super.fromLiteral(literal));
  }
  protected override milliseconds(value: Date): number {
    return dayOf(new Date(super.milliseconds(value))).getTime();
  }
}

/** Midnight UTC of the day of a time. */
function dayOf(time: Date): Date {
  const day = 86_400_000;
  return new Date(Math.floor(time.getTime() / day) * day);
}

/** `t.duration`: a DURATION in milliseconds; fractions of one are kept as far as a double holds them. */
export class DurationType extends TypeTransformer<number> {
  readonly name = "timedelta";
  readonly literalType: LiteralType = simpleType(SimpleType.DURATION);

  toLiteral(value: number): Literal {
    return primitiveLiteral({ case: "duration", value: durationMessage(this.checked(value)) });
  }
  toPlain(value: number): Plain {
    return new PlainFloat(this.checked(value) / 1000);
  }
  fromPlain(value: Plain): number {
    if (typeof value !== "number" && typeof value !== "bigint") throw this.mismatchedPlain(value);
    return Number(value) * 1000;
  }
  jsonSchema(): JsonSchema {
    return { type: "number", format: "time-delta" };
  }
  protected fromLiteral(literal: Literal): number {
    const primitive = primitiveOf(literal);
    // a field of an object, reached by an attribute path, comes as its seconds
    if (primitive?.case === "floatValue" || primitive?.case === "integer") return this.fromPlain(primitive.value);
    if (primitive?.case !== "duration") throw this.mismatchedLiteral(literal);
    return Number(primitive.value.seconds) * 1000 + primitive.value.nanos / nanosPerMs;
  }
  protected checked(value: number): number {
    if (typeof value !== "number" || !Number.isFinite(value)) throw this.mismatch(value, "a number of milliseconds");
    return value;
  }
}
