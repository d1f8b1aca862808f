import { SimpleType } from "@flyte-ts/idl/core";
import { FlyteError } from "../errors/flyte-error.ts";
import { ownValue } from "../types/collections.ts";
import { type AnyType, hasDefault, type NativeOf, type Types } from "../types/type-transformer.ts";
import type { LiteralType } from "../wire/messages.ts";
import { sameType } from "./condition.ts";
import type { AnyEntity } from "./entity.ts";
import type { GraphBuilder } from "./graph-builder.ts";
import type { Node } from "./node.ts";
import type { NodeOutput } from "./node-output.ts";

/** The input in which a failure handler is told what went wrong, if it has it. */
export const errorInput = "err";

/**
 * What can be a workflow's failure handler: a task or workflow that takes all of the workflow's inputs. Whatever else it
 * takes is optional; `err`, a `t.optional(t.error)`, is what went wrong.
 */
export type FailureHandler<Inputs extends Types> = AnyEntity & {
  readonly inputs: { readonly [K in keyof Inputs]: { readonly "~native"?: NativeOf<Inputs[K]> } };
} & ((inputs: { readonly [K in keyof Inputs]: NodeOutput<NativeOf<Inputs[K]>> }) => unknown);

/**
 * The node of a failure handler, which stands beside the graph. Its inputs are the workflow's.
 * @throws FlyteError `InvalidDefinition` for a handler that does not take the workflow's inputs.
 */
export function failureNode(
  workflow: string,
  inputs: Types,
  handler: AnyEntity,
  builder: GraphBuilder,
  id?: string,
): Node {
  const place = `workflow ${workflow}: the failure handler ${handler.name}`;
  const bad = (why: string): FlyteError => new FlyteError("InvalidDefinition", `${place} ${why}`);
  for (const [name, type] of Object.entries(inputs)) {
    const own = ownValue(handler.inputs, name);
    if (own === undefined) throw bad(`has no input "${name}"; it must take all inputs of the workflow`);
    if (!sameType(type, own)) throw bad(`takes ${own.name} for "${name}", which is ${type.name} in the workflow`);
  }
  for (const [name, type] of Object.entries(handler.inputs)) {
    if (name === errorInput && !holdsError(type)) {
      throw bad(`takes ${type.name} for "err", where Flyte puts the error; it must be t.optional(t.error)`);
    }
    if (Object.hasOwn(inputs, name) || type.isOptional) continue;
    throw bad(`needs "${name}", which is no input of the workflow; what else it takes must be optional`);
  }
  const own = Object.entries(inputs).map(([name, type]) => [name, builder.input(name, type)] as const);
  const rest = Object.entries(handler.inputs).flatMap(([name, type]) =>
    Object.hasOwn(inputs, name) ? [] : [[name, hasDefault(type) ? type.defaultValue : null]],
  );
  builder.add(handler, Object.fromEntries([...own, ...rest]));
  const node = builder.nodes[0] as Node;
  if (id !== undefined) node.id = id;
  return node;
}

function holdsError({ literalType }: AnyType): boolean {
  const isError = ({ type }: LiteralType): boolean => type.case === "simple" && type.value === SimpleType.ERROR;
  const { type } = literalType;
  return isError(literalType) || (type.case === "unionType" && type.value.variants.some(isError));
}
