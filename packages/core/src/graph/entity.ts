import { FlyteContext } from "../context/flyte-context.ts";
import { noting, throwProblems } from "../errors/all-problems.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { ownValue } from "../types/collections.ts";
import { type AnyType, hasDefault, type Types } from "../types/type-transformer.ts";
import { type Call, type CallInputs, type Natives, runningCall } from "./call.ts";
import { awaited, ownCopy } from "./given-values.ts";
import type { NodeBehaviour } from "./node-behaviour.ts";
import { checkVariables } from "./variables.ts";

/** What every entity has: a name, and inputs and outputs by name. */
export interface EntityOptions<Inputs extends Types, Outputs extends Types> {
  readonly name: string;
  readonly inputs: Inputs;
  readonly outputs: Outputs;
  /** True when a call yields the one output itself, not a record. */
  readonly unwrapped: boolean;
  readonly description?: string | undefined;
}

/** An entity's call: optional when there is nothing that must be given. */
export type CallArguments<Inputs extends Types> =
  Record<never, never> extends CallInputs<Inputs>
    ? readonly [inputs?: CallInputs<Inputs>]
    : readonly [inputs: CallInputs<Inputs>];

/** The call signature of an entity. */
export interface Entity<Inputs extends Types, Outputs extends Types, Result> {
  (...args: CallArguments<Inputs>): Call<Outputs, Result>;
}

/** Any entity at all: what graphs and hosts need to know of one. */
export interface AnyEntity {
  readonly name: string;
  readonly inputs: Types;
  readonly outputs: Types;
  /** True when a call yields the one output itself, not a record. */
  readonly unwrapped: boolean;
  /** How it behaves as a node of a workflow. */
  readonly asNode: NodeBehaviour;
}

/** Names of entities: what Flyte stores, and what stands in container arguments. */
const legalName = /^[A-Za-z0-9_.:/-]{1,255}$/;

/**
 * A task or workflow. Instances are functions: what a call does depends on where it happens. Inside a workflow's `build`
 * it makes a node, everywhere else it runs the entity here and now.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds the call signature that the constructor provides
export abstract class Entity<Inputs extends Types, Outputs extends Types, Result> {
  /** Only for inference. */
  declare readonly "~result"?: Result;
  declare readonly name: string;
  declare readonly inputs: Inputs;
  declare readonly outputs: Outputs;
  /** True when a call yields the one output itself, not a record. */
  declare readonly unwrapped: boolean;
  declare readonly description: string | undefined;

  constructor({ name, inputs, outputs, unwrapped, description }: EntityOptions<Inputs, Outputs>) {
    const problems: unknown[] = [];
    if (typeof name !== "string" || !legalName.test(name)) {
      problems.push(
        new FlyteError(
          "InvalidDefinition",
          `"${name}" is no entity's name: letters, digits and _ . : / - only, 255 at most`,
        ),
      );
    }
    noting(problems, () => checkVariables(name, inputs, outputs));
    throwProblems(problems);
    const entity: this = Object.setPrototypeOf(
      (given: Readonly<Record<string, unknown>> = {}): unknown => entity.called(given),
      new.target.prototype,
    );
    Object.defineProperty(entity, "name", { value: name, enumerable: true });
    Object.assign(entity, { inputs, outputs, unwrapped, description });
    // biome-ignore lint/correctness/noConstructorReturn: this is what makes instances callable
    return entity;
  }

  /** How the entity behaves as a node of a workflow. */
  abstract get asNode(): NodeBehaviour;

  /** Runs the entity here, on native values by name. */
  protected abstract run(inputs: Natives<Inputs>): Promise<Natives<Outputs>>;

  /** A call, wherever it happens. */
  protected called(given: Readonly<Record<string, unknown>>): unknown {
    const builder = FlyteContext.default().builders.at(-1);
    if (builder !== undefined) {
      return builder.add(
        this,
        this.complete(given, (check) => builder.noting(this, check)),
      );
    }
    const inputs = this.complete(given);
    const natives = resolved(inputs).then((values) => this.run(values as Natives<Inputs>));
    return runningCall(natives as Promise<Natives<Types>>, this.outputs, this.unwrapped);
  }

  /**
   * The given inputs with defaults and, for optional ones, `null` filled in.
   * @param check runs each check; what it makes of a failed one is left out.
   * @throws FlyteError `InvalidInput` that names the entity and the input.
   */
  protected complete(
    given: Readonly<Record<string, unknown>>,
    check: <T>(make: () => T) => T | undefined = (make) => make(),
  ): Record<string, unknown> {
    for (const name of Object.keys(given)) {
      if (Object.hasOwn(this.inputs, name)) continue;
      const known = Object.keys(this.inputs).join(", ") || "none";
      check(() => {
        throw new FlyteError("InvalidInput", `${this.name} has no input "${name}"; its inputs are: ${known}`);
      });
    }
    return Object.fromEntries(
      Object.entries(this.inputs).flatMap(([name, type]) => {
        const value = check(() => this.given(name, type, ownValue(given, name)));
        return value === undefined ? [] : [[name, value]];
      }),
    );
  }

  protected given(name: string, type: AnyType, value: unknown): unknown {
    if (value !== undefined) return value;
    if (hasDefault(type)) return ownCopy(type.defaultValue);
    if (type.isOptional) return null;
    throw new FlyteError("InvalidInput", `${this.name} needs a value for its input "${name}" (${type.name})`);
  }
}

/** The inputs with every output in them awaited. */
async function resolved(inputs: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
  const entries = Object.entries(inputs).map(async ([name, value]) => [name, await awaited(value)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
