import { SimpleType } from "@flyte-ts/idl/core";
import { scalarLiteral, scalarOf } from "../wire/literals.ts";
import type { Literal, LiteralType } from "../wire/messages.ts";
import { isRecord } from "./collections.ts";
import type { Plain } from "./plain.ts";
import { type JsonSchema, simpleType, TypeTransformer } from "./type-transformer.ts";

/** What a workflow's failure handler is told: flytekit's `FlyteError`. */
export interface WorkflowFailure {
  readonly message: string;
  /** The node that failed, as Flyte names it; empty where it does not say. */
  readonly failedNodeId: string;
}

/** `t.error`: an ERROR; the input `err` of a failure handler is an optional one. */
export class ErrorType extends TypeTransformer<WorkflowFailure> {
  readonly name = "FlyteError";
  readonly literalType: LiteralType = simpleType(SimpleType.ERROR);

  toLiteral(value: WorkflowFailure): Literal {
    const { message, failedNodeId } = this.checked(value);
    return scalarLiteral({ case: "error", value: { $typeName: "flyteidl.core.Error", message, failedNodeId } });
  }
  toPlain(value: WorkflowFailure): Plain {
    const { message, failedNodeId } = this.checked(value);
    return { message, failed_node_id: failedNodeId };
  }
  fromPlain(value: Plain): WorkflowFailure {
    if (!isRecord<Plain>(value) || typeof value.message !== "string") throw this.mismatchedPlain(value);
    return { message: value.message, failedNodeId: String(value.failed_node_id ?? "") };
  }
  jsonSchema(): JsonSchema {
    const properties = { message: { type: "string" }, failed_node_id: { type: "string" } };
    return { type: "object", title: "FlyteError", properties, additionalProperties: false };
  }
  protected fromLiteral(literal: Literal): WorkflowFailure {
    const scalar = scalarOf(literal);
    if (scalar?.case !== "error") throw this.mismatchedLiteral(literal);
    const { message, failedNodeId } = scalar.value;
    return { message, failedNodeId };
  }
  protected checked(value: WorkflowFailure): WorkflowFailure {
    if (typeof value?.message === "string" && typeof value.failedNodeId === "string") return value;
    throw this.mismatch(value, "an object with a message and a failedNodeId");
  }
}
