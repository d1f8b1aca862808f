import type { Primitive } from "@flyte-ts/idl/core";
import { SimpleType } from "@flyte-ts/idl/core";
import { FlyteContext } from "../context/flyte-context.ts";
import type { ConversionContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { AnyType } from "../types/type-transformer.ts";
import { primitiveOf } from "../wire/literals.ts";
import { LiteralType } from "../wire/messages.ts";
import { asOutput, type OutputLike } from "./call.ts";
import type { NodeOutput } from "./node-output.ts";

/** How two values are compared. */
export type Comparator = "eq" | "ne" | "gt" | "gte" | "lt" | "lte";

/** A side of a comparison: an output of the graph, or a constant in the form of the other side's type. */
export type Operand =
  | { readonly kind: "output"; readonly output: NodeOutput<unknown> }
  | { readonly kind: "constant"; readonly primitive: Primitive["value"]; readonly value: unknown };

/** What a condition says. */
export type ConditionExpression =
  | { readonly kind: "comparison"; readonly by: Comparator; readonly left: Operand; readonly right: Operand }
  | {
      readonly kind: "conjunction";
      readonly by: "and" | "or";
      readonly left: ConditionExpression;
      readonly right: ConditionExpression;
    };

/** True for a string type of which only some values are legal: Flyte compares such a variable with variables alone. */
type OnlySomeStrings<T> = [T] extends [string] ? (string extends T ? false : true) : false;

type Constant<T> =
  OnlySomeStrings<T> extends true
    ? never
    : [T] extends [bigint]
      ? bigint | number
      : [T] extends [string | number | boolean | Date]
        ? T
        : never;

type Primitives = string | number | bigint | boolean | Date;

/** What an output can be compared with: an output of its type, and a constant unless it is an enum. */
export type ComparedWith<T> = [T] extends [Primitives] ? OutputLike<T> | Constant<T> : never;

/** What an output can be ordered against: as `ComparedWith`, but nothing for booleans. */
export type OrderedWith<T> = [T] extends [boolean] ? never : ComparedWith<T>;

/** A condition of a conditional, made by comparing outputs: `x.gt(1).and(y.eq("a"))`. */
export class Condition {
  readonly expression: ConditionExpression;

  constructor(expression: ConditionExpression) {
    this.expression = expression;
  }

  /** True where both are. Flyte always looks at both. */
  and(other: Condition): Condition {
    return new Condition({ kind: "conjunction", by: "and", left: this.expression, right: other.expression });
  }

  /** True where one of them is, or both. Flyte always looks at both. */
  or(other: Condition): Condition {
    return new Condition({ kind: "conjunction", by: "or", left: this.expression, right: other.expression });
  }
}

/**
 * The comparison of an output with another or with a constant.
 * @throws FlyteError `InvalidDefinition` for what Flyte's compiler refuses (a constant of another kind, an enum or an
 * optional one against a constant, a part of a value), and for what it would take and compare wrongly (fractions of a
 * second).
 */
export function comparison(left: NodeOutput<unknown>, by: Comparator, right: unknown): Condition {
  const place = `the condition ${left.name}.${by}(…)`;
  checkVariable(left, place);
  const kind = left.type.literalType.type;
  const ordered = by !== "eq" && by !== "ne";
  if (ordered && kind.case === "simple" && kind.value === SimpleType.BOOLEAN) {
    throw bad(place, "booleans are equal or not, but have no order; use eq, ne, isTrue or isFalse");
  }
  const output = asOutput(right);
  const side: Operand = output === undefined ? constant(left.type, right, place) : variable(left, output, place);
  return new Condition({ kind: "comparison", by, left: { kind: "output", output: left }, right: side });
}

/** The outputs that a condition looks at, in their order. */
export function* outputsOfCondition(expression: ConditionExpression): Iterable<NodeOutput<unknown>> {
  for (const side of [expression.left, expression.right]) {
    if (side.kind === "output") yield side.output;
    else if (side.kind !== "constant") yield* outputsOfCondition(side);
  }
}

/** What Flyte calls an output in a condition, and the branch node's input: `n0.o0`; `.x` for the workflow's own. */
export function operandName({ source, variable }: NodeOutput<unknown>): string {
  return `${source.kind === "node" ? source.node.id : ""}.${variable}`;
}

const comparable: ReadonlySet<SimpleType> = new Set([
  SimpleType.INTEGER,
  SimpleType.FLOAT,
  SimpleType.STRING,
  SimpleType.BOOLEAN,
  SimpleType.DATETIME,
  SimpleType.DURATION,
]);

const bad = (place: string, why: string): FlyteError => new FlyteError("InvalidDefinition", `${place}: ${why}`);

function checkVariable({ source, type, name, path }: NodeOutput<unknown>, place: string): void {
  if (source.kind === "run") throw bad(place, `${name} has a value already; conditions are for a workflow's "build"`);
  if (path.length > 0) {
    throw bad(place, `Flyte compares whole outputs only, and ${name} is a part of one; let a task return the part`);
  }
  const { type: form } = type.literalType;
  if (form.case === "enumType" || (form.case === "simple" && comparable.has(form.value))) return;
  throw bad(
    place,
    `${name} is ${type.name}; only int, float, str, bool, datetime, timedelta and enums can be compared`,
  );
}

function variable(left: NodeOutput<unknown>, right: NodeOutput<unknown>, place: string): Operand {
  checkVariable(right, place);
  if (sameType(left.type, right.type)) return { kind: "output", output: right };
  throw bad(place, `${left.name} is ${left.type.name}, ${right.name} is ${right.type.name}; the types must be equal`);
}

/** Flyte's compiler compares the text of both types, so whatever a type carries besides its kind counts. */
export function sameType(one: AnyType, other: AnyType): boolean {
  const [a, b] = [one, other].map(({ literalType }) => JSON.stringify(LiteralType.toJson(literalType)));
  return a === b;
}

function constant(type: AnyType, value: unknown, place: string): Operand {
  const { type: form, annotation, metadata } = type.literalType;
  if (form.case !== "simple" || annotation !== undefined || metadata !== undefined) {
    throw bad(place, `Flyte compares ${type.name} with another ${type.name} only, never with a constant`);
  }
  const literal = encoded(type, value, place);
  const primitive = primitiveOf(literal);
  if (primitive === undefined) throw bad(place, `${type.name} is no primitive, and only primitives can be compared`);
  if ((primitive.case === "datetime" || primitive.case === "duration") && primitive.value.nanos !== 0) {
    throw bad(place, "Flyte compares whole seconds; give a constant without fractions of one");
  }
  return { kind: "constant", primitive, value };
}

function encoded(type: AnyType, value: unknown, place: string) {
  try {
    const literal = type.toLiteral(value, constantContext());
    if (!(literal instanceof Promise)) return literal;
    literal.catch(() => {});
  } catch (error) {
    throw new FlyteError("InvalidDefinition", `${place}: ${FlyteError.from(error).message}`, { cause: error });
  }
  throw bad(place, `${type.name} is no primitive, and only primitives can be compared`);
}

/** Primitives need nothing to be converted; a constant has no place for files. */
function constantContext(): ConversionContext {
  const { storage, datasets, types } = FlyteContext.default();
  const none = (): never => {
    throw new FlyteError("InvalidDefinition", "a constant of a condition cannot be a file");
  };
  return {
    storage,
    datasets,
    types,
    signal: new AbortController().signal,
    get workingDirectory(): string {
      return none();
    },
    newOutputUri: none,
  };
}
