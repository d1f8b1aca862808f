/**
 * Literals as plain objects, built and read without reflection: a list of a million integers is a million of these.
 * Field numbers and rules: flyteidl/core/literals.proto.
 */
import { type Primitive, type Scalar, SimpleType } from "@flyte-ts/idl/core";
import type { Literal, LiteralType } from "./messages.ts";

/** A literal of one scalar. */
export function scalarLiteral(value: Scalar["value"]): Literal {
  const scalar: Scalar = { $typeName: "flyteidl.core.Scalar", value };
  return { $typeName: "flyteidl.core.Literal", value: { case: "scalar", value: scalar }, hash: "", metadata: {} };
}

/** A literal of one primitive: integer, float, string, boolean, datetime, duration. */
export function primitiveLiteral(value: Primitive["value"]): Literal {
  return scalarLiteral({ case: "primitive", value: { $typeName: "flyteidl.core.Primitive", value } });
}

/** The literal of no value. */
export function noneLiteral(): Literal {
  return scalarLiteral({ case: "noneType", value: { $typeName: "flyteidl.core.Void" } });
}

/** A literal of msgpack bytes: objects, JSON, and what attribute paths yield. */
export function msgpackLiteral(value: Uint8Array<ArrayBuffer>): Literal {
  return scalarLiteral({ case: "binary", value: { $typeName: "flyteidl.core.Binary", value, tag: "msgpack" } });
}

/** The literal in which propeller tells a failure handler what went wrong (its resolve.go): a union's, of `FlyteError`. */
export function errorLiteral(failedNodeId: string, message: string): Literal {
  const error = scalarLiteral({ case: "error", value: { $typeName: "flyteidl.core.Error", failedNodeId, message } });
  const type: LiteralType = {
    $typeName: "flyteidl.core.LiteralType",
    type: { case: "simple", value: SimpleType.ERROR },
    structure: { $typeName: "flyteidl.core.TypeStructure", tag: "FlyteError", dataclassType: {} },
  };
  return scalarLiteral({ case: "union", value: { $typeName: "flyteidl.core.Union", value: error, type } });
}

/** A literal of a list. */
export function listLiteral(literals: Literal[]): Literal {
  return {
    $typeName: "flyteidl.core.Literal",
    value: { case: "collection", value: { $typeName: "flyteidl.core.LiteralCollection", literals } },
    hash: "",
    metadata: {},
  };
}

/** A literal of a map. */
export function mapLiteral(literals: Record<string, Literal>): Literal {
  return {
    $typeName: "flyteidl.core.Literal",
    value: { case: "map", value: { $typeName: "flyteidl.core.LiteralMap", literals } },
    hash: "",
    metadata: {},
  };
}

/** The scalar of a literal; undefined where it holds something else. */
export function scalarOf(literal: Literal): Scalar["value"] | undefined {
  return literal.value.case === "scalar" ? literal.value.value.value : undefined;
}

/** The primitive of a literal; undefined where it holds something else. */
export function primitiveOf(literal: Literal): Primitive["value"] | undefined {
  const scalar = scalarOf(literal);
  return scalar?.case === "primitive" ? scalar.value.value : undefined;
}

/** What a literal holds, in a word, for messages. */
export function kindOf(literal: Literal): string {
  if (literal.value.case !== "scalar") return literal.value.case ?? "nothing";
  const scalar = literal.value.value.value;
  if (scalar.case === "primitive") return scalar.value.value.case ?? "an empty primitive";
  return scalar.case ?? "an empty scalar";
}
