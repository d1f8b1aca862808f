import { create } from "@bufbuild/protobuf";
import { TypedInterfaceSchema, type VariableMap, VariableMapSchema } from "@flyte-ts/idl/core";
import type { InterfaceMessage } from "../wire/messages.ts";
import type { AnyType, Types } from "./type-transformer.ts";

/** The inputs and outputs of a task or workflow, by name, as native types. */
export interface TypedInterface {
  readonly inputs: Types;
  readonly outputs: Types;
}

function variables(types: Types): VariableMap {
  const entries = Object.entries(types).map(([name, type]) => [name, variable(name, type)] as const);
  return create(VariableMapSchema, { variables: Object.fromEntries(entries) });
}

/** A variable on the wire. flytekit describes one by its own name when nothing else is said. */
export const variable = (name: string, { literalType, description }: AnyType) => ({
  type: literalType,
  description: description ?? name,
});

/** The wire form of an interface; both maps are always there, empty where there is nothing. */
export function interfaceMessage({ inputs, outputs }: TypedInterface): InterfaceMessage {
  return create(TypedInterfaceSchema, { inputs: variables(inputs), outputs: variables(outputs) });
}
