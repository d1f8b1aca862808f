import type { Node as NodeMessage } from "@flyte-ts/idl/core";
import type { Call, Natives } from "../graph/call.ts";
import { defined } from "../graph/defined.ts";
import type { AnyEntity, CallArguments } from "../graph/entity.ts";
import type { AnyType, NativeOf, Types } from "../types/type-transformer.ts";
import { referenceIdentifier } from "./reference.ts";
import { type ReferenceDefinition, ReferenceEntity, type ReferenceOutputs } from "./reference-entity.ts";

/** The call signature, which the class's instances have. */
export interface ReferenceLaunchPlan<Inputs extends Types, Outputs extends Types, Result> {
  (...args: CallArguments<Inputs>): Call<Outputs, Result>;
}

/** A launch plan that is registered already. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds the call signature that Entity provides
export class ReferenceLaunchPlan<Inputs extends Types, Outputs extends Types, Result> extends ReferenceEntity<
  Inputs,
  Outputs,
  Result
> {
  constructor(definition: ReferenceDefinition<Inputs> & ReferenceOutputs) {
    super("launch plan", definition);
  }

  protected override target(): NodeMessage["target"] {
    const value = { reference: { case: "launchplanRef", value: referenceIdentifier(this.reference) } } as const;
    return { case: "workflowNode", value: { $typeName: "flyteidl.core.WorkflowNode", ...value } };
  }
}

/**
 * A launch plan that is registered already: as a node it starts an execution of its own. The default launch plan of a
 * workflow has the name of the workflow. `inputs` are those that it leaves free; `output` declares one output (the variable
 * `o0`), `outputs` a record.
 * @throws FlyteError `InvalidDefinition` that names what is wrong.
 */
export function referenceLaunchPlan<const Output extends AnyType, const Inputs extends Types = Record<never, never>>(
  definition: ReferenceDefinition<Inputs> & { readonly output: Output },
): ReferenceLaunchPlan<Inputs, { readonly o0: Output }, NativeOf<Output>>;
export function referenceLaunchPlan<const Outputs extends Types, const Inputs extends Types = Record<never, never>>(
  definition: ReferenceDefinition<Inputs> & { readonly outputs: Outputs },
): ReferenceLaunchPlan<Inputs, Outputs, Natives<Outputs>>;
export function referenceLaunchPlan<const Inputs extends Types = Record<never, never>>(
  definition: ReferenceDefinition<Inputs>,
): ReferenceLaunchPlan<Inputs, Record<never, never>, undefined>;
export function referenceLaunchPlan(definition: ReferenceDefinition<Types> & ReferenceOutputs): AnyEntity {
  return defined(() => new ReferenceLaunchPlan<Types, Types, unknown>(definition));
}
