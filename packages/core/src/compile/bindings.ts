import type { BindingData, Binding as BindingMessage } from "@flyte-ts/idl/core";
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
    return { $typeName: "flyteidl.core.Binding", var: name, binding: await bindingData(binding, type, context) };
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
        $typeName: "flyteidl.core.PromiseAttribute" as const,
        value:
          typeof step === "number"
            ? ({ case: "intValue", value: step } as const)
            : ({ case: "stringValue", value: step } as const),
      }));
      const nodeId = source.kind === "node" ? source.node.id : "";
      // Flyte's compiler knows an output by its alias alone.
      const alias = source.kind === "node" ? source.node.overrides?.aliases?.[variable] : undefined;
      const value = { $typeName: "flyteidl.core.OutputReference" as const, nodeId, var: alias ?? variable, attrPath };
      return dataOf({ case: "promise", value });
    }
    case "value":
      return literalBinding(await type.toLiteral(binding.value, context));
    case "list": {
      const items = binding.items.map((item, index) => at(index, () => bindingData(item, itemTypeOf(type), context)));
      return listData(await Promise.all(items));
    }
    case "map": {
      const entries = Object.entries(binding.items).map(
        async ([key, item]) => [key, await at(key, () => bindingData(item, itemTypeOf(type), context))] as const,
      );
      return mapData(await Promise.all(entries));
    }
  }
}

// The messages as the plain objects that they are: a workflow has thousands, and `create` takes its time for each.
const dataOf = (value: BindingData["value"]): BindingData => ({ $typeName: "flyteidl.core.BindingData", value });
const listData = (bindings: BindingData[]): BindingData =>
  dataOf({ case: "collection", value: { $typeName: "flyteidl.core.BindingDataCollection", bindings } });
const mapData = (entries: readonly (readonly [string, BindingData])[]): BindingData => {
  const bindings = Object.fromEntries(entries);
  return dataOf({ case: "map", value: { $typeName: "flyteidl.core.BindingDataMap", bindings } });
};

/** A literal as a binding: lists and maps become bindings of their items. */
function literalBinding({ value }: Literal): BindingData {
  switch (value.case) {
    case "scalar":
      return dataOf({ case: "scalar", value: value.value });
    case "collection":
      return listData(value.value.literals.map(literalBinding));
    case "map":
      return mapData(Object.entries(value.value.literals).map(([key, item]) => [key, literalBinding(item)]));
    default:
      throw new FlyteError("InvalidDefinition", `a literal that holds ${value.case ?? "nothing"} cannot be bound`);
  }
}
