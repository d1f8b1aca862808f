import type { Node as NodeMessage } from "@flyte-ts/idl/core";
import type { Call, Natives } from "../graph/call.ts";
import { defined } from "../graph/defined.ts";
import type { AnyEntity, CallArguments } from "../graph/entity.ts";
import type { AnyType, NativeOf, Types } from "../types/type-transformer.ts";
import { referenceIdentifier } from "./reference.ts";
import { type ReferenceDefinition, ReferenceEntity, type ReferenceOutputs } from "./reference-entity.ts";

/** The call signature, which the class's instances have. */
export interface ReferenceTask<Inputs extends Types, Outputs extends Types, Result> {
  (...args: CallArguments<Inputs>): Call<Outputs, Result>;
}

/** A task that is registered already. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds the call signature that Entity provides
export class ReferenceTask<Inputs extends Types, Outputs extends Types, Result> extends ReferenceEntity<
  Inputs,
  Outputs,
  Result
> {
  constructor(definition: ReferenceDefinition<Inputs> & ReferenceOutputs) {
    super("task", definition);
  }

  protected override target(): NodeMessage["target"] {
    const value = { reference: { case: "referenceId", value: referenceIdentifier(this.reference) } } as const;
    return { case: "taskNode", value: { $typeName: "flyteidl.core.TaskNode", ...value } };
  }
}

/**
 * A task that is registered already, by another team or from another language: as a node it is referred to. `output`
 * declares one output (the variable `o0`), `outputs` a record.
 * @throws FlyteError `InvalidDefinition` that names what is wrong.
 */
export function referenceTask<const Output extends AnyType, const Inputs extends Types = Record<never, never>>(
  definition: ReferenceDefinition<Inputs> & { readonly output: Output },
): ReferenceTask<Inputs, { readonly o0: Output }, NativeOf<Output>>;
export function referenceTask<const Outputs extends Types, const Inputs extends Types = Record<never, never>>(
  definition: ReferenceDefinition<Inputs> & { readonly outputs: Outputs },
): ReferenceTask<Inputs, Outputs, Natives<Outputs>>;
export function referenceTask<const Inputs extends Types = Record<never, never>>(
  definition: ReferenceDefinition<Inputs>,
): ReferenceTask<Inputs, Record<never, never>, undefined>;
export function referenceTask(definition: ReferenceDefinition<Types> & ReferenceOutputs): AnyEntity {
  return defined(() => new ReferenceTask<Types, Types, unknown>(definition));
}
