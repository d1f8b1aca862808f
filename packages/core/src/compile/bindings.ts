import { create } from "@bufbuild/protobuf";
import { type BindingData, BindingDataSchema, type Binding as BindingMessage, BindingSchema } from "@flyte-ts/idl/core";
import type { ConversionContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { Binding } from "../graph/node.ts";
import { at } from "../types/collections.ts";
import { itemTypeOf } from "../types/type-form.ts";
import type { AnyType } from "../types/type-transformer.ts";
import type { Literal } from "../wire/messages.ts";

/**
 * The wire form of what an input or output is bound to.
 * @param place the input's, for messages.
 * @throws FlyteError `InvalidDefinition` for a value that is not of the type.
 */
export async function bindingMessage(
  name: string,
  binding: Binding,
  type: AnyType,
  context: ConversionContext,
  place: string,
): Promise<BindingMessage> {
  try {
    return create(BindingSchema, { var: name, binding: await bindingData(binding, type, context) });
  } catch (error) {
    if (!FlyteError.is(error) || error.kind === "system") throw error;
    const separator = error.message.startsWith("[") ? "" : ": ";
    throw new FlyteError("InvalidDefinition", `${place}${separator}${error.message}`, { cause: error });
  }
}

async function bindingData(binding: Binding, type: AnyType, context: ConversionContext): Promise<BindingData> {
  switch (binding.kind) {
    case "output": {
      const { source, variable, path } = binding.output;
      const attrPath = path.map((step) => ({
        value:
          typeof step === "number"
            ? ({ case: "intValue", value: step } as const)
            : ({ case: "stringValue", value: step } as const),
      }));
      const nodeId = source.kind === "node" ? source.node.id : "";
      // Flyte's compiler knows an output by its alias alone.
      const alias = source.kind === "node" ? source.node.overrides?.aliases?.[variable] : undefined;
      const value = { nodeId, var: alias ?? variable, attrPath };
      return create(BindingDataSchema, { value: { case: "promise", value } });
    }
    case "value":
      return literalBinding(await type.toLiteral(binding.value, context));
    case "list": {
      const items = binding.items.map((item, index) => at(index, () => bindingData(item, itemTypeOf(type), context)));
      const bindings = await Promise.all(items);
      return create(BindingDataSchema, { value: { case: "collection", value: { bindings } } });
    }
    case "map": {
      const entries = Object.entries(binding.items).map(
        async ([key, item]) => [key, await at(key, () => bindingData(item, itemTypeOf(type), context))] as const,
      );
      const bindings = Object.fromEntries(await Promise.all(entries));
      return create(BindingDataSchema, { value: { case: "map", value: { bindings } } });
    }
  }
}

/** A literal as a binding: lists and maps become bindings of their items. */
function literalBinding({ value }: Literal): BindingData {
  switch (value.case) {
    case "scalar":
      return create(BindingDataSchema, { value: { case: "scalar", value: value.value } });
    case "collection": {
      const bindings = value.value.literals.map(literalBinding);
      return create(BindingDataSchema, { value: { case: "collection", value: { bindings } } });
    }
    case "map": {
      const entries = Object.entries(value.value.literals).map(([key, item]) => [key, literalBinding(item)] as const);
      return create(BindingDataSchema, { value: { case: "map", value: { bindings: Object.fromEntries(entries) } } });
    }
    default:
      throw new FlyteError("InvalidDefinition", `a literal that holds ${value.case ?? "nothing"} cannot be bound`);
  }
}
