import { SimpleType } from "@flyte-ts/idl/core";
import { primitiveLiteral, primitiveOf } from "../wire/literals.ts";
import type { Literal, LiteralType } from "../wire/messages.ts";
import { type Plain, PlainFloat } from "./plain.ts";
import { type JsonSchema, simpleType, TypeTransformer } from "./type-transformer.ts";

const nanosPerMs = 1_000_000;

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
    const date = typeof value === "string" ? new Date(value) : undefined;
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
    return value.getTime();
  }
}

/** `t.date`: a day, as a `Date` at midnight UTC; on the wire a DATETIME. */
export class DateType extends DatetimeType {
  override readonly name = "date";

  override toPlain(value: Date): string {
    return new Date(this.milliseconds(value)).toISOString().slice(0, 10);
  }
  override jsonSchema(): JsonSchema {
    return { type: "string", format: "date" };
  }
  protected override milliseconds(value: Date): number {
    const day = 86_400_000;
    return Math.floor(super.milliseconds(value) / day) * day;
  }
}

/** `t.duration`: a DURATION in milliseconds; fractions of one are kept as far as a double holds them. */
export class DurationType extends TypeTransformer<number> {
  readonly name = "timedelta";
  readonly literalType: LiteralType = simpleType(SimpleType.DURATION);

  toLiteral(value: number): Literal {
    this.checked(value);
    const seconds = Math.trunc(value / 1000);
    const nanos = Math.round((value - seconds * 1000) * nanosPerMs);
    return primitiveLiteral({
      case: "duration",
      value: { $typeName: "google.protobuf.Duration", seconds: BigInt(seconds), nanos },
    });
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
    if (primitive?.case !== "duration") throw this.mismatchedLiteral(literal);
    return Number(primitive.value.seconds) * 1000 + primitive.value.nanos / nanosPerMs;
  }
  protected checked(value: number): number {
    if (typeof value !== "number" || !Number.isFinite(value)) throw this.mismatch(value, "a number of milliseconds");
    return value;
  }
}
