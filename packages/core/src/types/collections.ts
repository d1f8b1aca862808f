import type { ConversionContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { listLiteral, mapLiteral } from "../wire/literals.ts";
import { type Literal, LiteralType } from "../wire/messages.ts";
import type { Plain } from "./plain.ts";
import { type Acceptance, type Awaitable, type JsonSchema, TypeTransformer } from "./type-transformer.ts";

/** `t.list(t.x)`: a list of one type. */
export class ListType<Native, Accepted> extends TypeTransformer<Native[], readonly Accepted[]> {
  readonly name = "Typed List";
  readonly literalType: LiteralType;
  readonly item: TypeTransformer<Native, Accepted>;

  constructor(item: TypeTransformer<Native, Accepted>) {
    super();
    this.item = item;
    this.literalType = LiteralType.create({ type: { case: "collectionType", value: item.literalType } });
  }

  toLiteral(value: readonly Accepted[], context: ConversionContext): Awaitable<Literal> {
    const items = mapItems(this.checked(value), (item) => this.item.toLiteral(item, context));
    return after(items, listLiteral);
  }
  toPlain(value: readonly Accepted[], context: ConversionContext): Awaitable<Plain> {
    return mapItems(this.checked(value), (item) => this.item.toPlain(item, context));
  }
  fromPlain(value: Plain, context: ConversionContext): Awaitable<Native[]> {
    if (!Array.isArray(value)) throw this.mismatchedPlain(value);
    return mapItems(value as readonly Plain[], (item) => this.item.fromPlain(item, context));
  }
  override accepts(value: unknown): Acceptance {
    return Array.isArray(value) ? "native" : "no";
  }
  jsonSchema(): JsonSchema {
    return { type: "array", items: this.item.jsonSchema() };
  }
  protected fromLiteral(literal: Literal, context: ConversionContext): Awaitable<Native[]> {
    if (literal.value.case !== "collection") throw this.mismatchedLiteral(literal);
    return mapItems(literal.value.value.literals, (item) => this.item.toNative(item, context));
  }
  protected checked(value: readonly Accepted[]): readonly Accepted[] {
    if (!Array.isArray(value)) throw this.mismatch(value, "an array");
    return value;
  }
}

/** `t.map(t.x)`: values of one type by name. */
export class MapType<Native, Accepted> extends TypeTransformer<
  Record<string, Native>,
  Readonly<Record<string, Accepted>>
> {
  readonly name = "Typed Dict";
  readonly literalType: LiteralType;
  readonly item: TypeTransformer<Native, Accepted>;

  constructor(item: TypeTransformer<Native, Accepted>) {
    super();
    this.item = item;
    this.literalType = LiteralType.create({ type: { case: "mapValueType", value: item.literalType } });
  }

  toLiteral(value: Readonly<Record<string, Accepted>>, context: ConversionContext): Awaitable<Literal> {
    return after(
      mapValues(this.checked(value), (item) => this.item.toLiteral(item, context)),
      mapLiteral,
    );
  }
  toPlain(value: Readonly<Record<string, Accepted>>, context: ConversionContext): Awaitable<Plain> {
    return mapValues(this.checked(value), (item) => this.item.toPlain(item, context));
  }
  fromPlain(value: Plain, context: ConversionContext): Awaitable<Record<string, Native>> {
    if (!isRecord(value)) throw this.mismatchedPlain(value);
    return mapValues(value, (item) => this.item.fromPlain(item, context));
  }
  override accepts(value: unknown): Acceptance {
    return isRecord(value) ? "native" : "no";
  }
  jsonSchema(): JsonSchema {
    return { type: "object", additionalProperties: this.item.jsonSchema(), propertyNames: { type: "string" } };
  }
  protected fromLiteral(literal: Literal, context: ConversionContext): Awaitable<Record<string, Native>> {
    if (literal.value.case !== "map") throw this.mismatchedLiteral(literal);
    return mapValues(literal.value.value.literals, (item) => this.item.toNative(item, context));
  }
  protected checked(value: Readonly<Record<string, Accepted>>): Readonly<Record<string, Accepted>> {
    if (!isRecord(value)) throw this.mismatch(value, "an object with values by name");
    return value;
  }
}

/** True for an object that is not an array, bytes or an instance of a class. */
export function isRecord<T>(value: unknown): value is Readonly<Record<string, T>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Applies `next` now or when the value is there. (Not called "then": that would make a promise of the module.) */
export function after<T, R>(value: Awaitable<T>, next: (value: T) => R): Awaitable<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Converts every item, at once where no item has to be waited for; an error names the item. */
function mapItems<T, R>(items: readonly T[], convert: (item: T) => Awaitable<R>): Awaitable<R[]> {
  const results = new Array<Awaitable<R>>(items.length);
  let waits = false;
  let index = 0;
  // One "try" and no closure an item: lists are long.
  try {
    for (; index < items.length; index++) {
      const result = convert(items[index] as T);
      const place = index;
      if (!(result instanceof Promise)) results[index] = result;
      else {
        waits = true;
        results[index] = result.catch((error: unknown) => {
          throw placed(place, error);
        });
      }
    }
  } catch (error) {
    // what is under way already is nobody's any more
    for (const result of results) if (result instanceof Promise) result.catch(() => {});
    throw placed(index, error);
  }
  return waits ? Promise.all(results) : (results as R[]);
}

/**
 * Starts a conversion for every item. Where one throws at once, the promises of those before it have nobody who waits for
 * them, and must not end the process as unhandled rejections.
 */
function allStarted<T, R>(items: readonly T[], convert: (item: T, index: number) => Awaitable<R>): Awaitable<R>[] {
  const started: Awaitable<R>[] = [];
  try {
    for (let index = 0; index < items.length; index += 1) started.push(convert(items[index] as T, index));
  } catch (error) {
    for (const result of started) if (result instanceof Promise) result.catch(() => {});
    throw error;
  }
  return started;
}

/** Converts every value of a record, in the order of its keys. */
export function mapValues<T, R>(
  record: Readonly<Record<string, T>>,
  convert: (item: T, key: string) => Awaitable<R>,
): Awaitable<Record<string, R>> {
  const keys = Object.keys(record);
  const values = allStarted(keys, (key) => at(key, () => convert(record[key] as T, key)));
  const collect = (done: readonly R[]): Record<string, R> =>
    Object.fromEntries(keys.map((key, index) => [key, done[index] as R]));
  return values.some((value) => value instanceof Promise)
    ? Promise.all(values).then(collect)
    : collect(values as readonly R[]);
}

/** The record's own value of a key: never what every object inherits (`constructor`, `toString`). */
export function ownValue<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Runs a conversion and puts where it happened in front of its error. */
export function at<R>(place: string | number, convert: () => Awaitable<R>): Awaitable<R> {
  try {
    const result = convert();
    return result instanceof Promise
      ? result.catch((error: unknown) => {
          throw placed(place, error);
        })
      : result;
  } catch (error) {
    throw placed(place, error);
  }
}

/** An error with the place where it happened in front. */
function placed(place: string | number, error: unknown): unknown {
  if (!FlyteError.is(error)) return error;
  const { code, kind, recoverable, wireCode, retryAfterMs, message } = error;
  const step = typeof place === "number" ? `[${place}]` : place;
  const separator = /^[\w[][\w.[\]]*: /.test(message) ? (message.startsWith("[") ? "" : ".") : ": ";
  return new FlyteError(code, `${step}${separator}${message}`, {
    kind,
    recoverable,
    cause: error.cause ?? error,
    ...(wireCode === undefined ? {} : { wireCode }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
