import type { Node as NodeMessage } from "@flyte-ts/idl/core";
import { FlyteContext } from "../context/flyte-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { Call, Natives } from "../graph/call.ts";
import { defined } from "../graph/defined.ts";
import type { AnyEntity, CallArguments } from "../graph/entity.ts";
import type { AnyType, NativeOf, Types } from "../types/type-transformer.ts";
import type { WorkflowReference } from "./reference.ts";
import { type ReferenceDefinition, ReferenceEntity, type ReferenceOutputs } from "./reference-entity.ts";

/** The call signature, which the class's instances have. */
export interface ReferenceWorkflow<Inputs extends Types, Outputs extends Types, Result> {
  (...args: CallArguments<Inputs>): Call<Outputs, Result>;
}

/** A workflow that is registered already: for launch plans of one's own. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds the call signature that Entity provides
export class ReferenceWorkflow<Inputs extends Types, Outputs extends Types, Result> extends ReferenceEntity<
  Inputs,
  Outputs,
  Result
> {
  declare readonly reference: WorkflowReference;

  constructor(definition: ReferenceDefinition<Inputs> & ReferenceOutputs) {
    super("workflow", definition);
  }

  /** @throws FlyteError `InvalidDefinition` inside `build`: Flyte takes sub-workflows with the workflow that uses them only. */
  protected override called(given: Readonly<Record<string, unknown>>): unknown {
    if (FlyteContext.default().builders.length > 0) throw this.#noNode();
    return super.called(given);
  }

  #noNode(): FlyteError {
    const { name } = this;
    return new FlyteError(
      "InvalidDefinition",
      `the registered workflow ${name} cannot be a node; call its default launch plan: referenceLaunchPlan({ name: "${name}", … })`,
    );
  }

  protected override target(): NodeMessage["target"] {
    throw this.#noNode();
  }
}

/**
 * A workflow that is registered already, for `launchPlan` to start. It is no node of another workflow: Flyte takes
 * sub-workflows with the workflow that uses them only; call `referenceLaunchPlan` there. `output` declares one output (the
 * variable `o0`), `outputs` a record.
 * @throws FlyteError `InvalidDefinition` that names what is wrong.
 */
export function referenceWorkflow<const Output extends AnyType, const Inputs extends Types = Record<never, never>>(
  definition: ReferenceDefinition<Inputs> & { readonly output: Output },
): ReferenceWorkflow<Inputs, { readonly o0: Output }, NativeOf<Output>>;
export function referenceWorkflow<const Outputs extends Types, const Inputs extends Types = Record<never, never>>(
  definition: ReferenceDefinition<Inputs> & { readonly outputs: Outputs },
): ReferenceWorkflow<Inputs, Outputs, Natives<Outputs>>;
export function referenceWorkflow<const Inputs extends Types = Record<never, never>>(
  definition: ReferenceDefinition<Inputs>,
): ReferenceWorkflow<Inputs, Record<never, never>, undefined>;
export function referenceWorkflow(definition: ReferenceDefinition<Types> & ReferenceOutputs): AnyEntity {
  return defined(() => new ReferenceWorkflow<Types, Types, unknown>(definition));
}
