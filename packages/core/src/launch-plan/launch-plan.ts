import { create } from "@bufbuild/protobuf";
import { NodeSchema, SimpleType } from "@flyte-ts/idl/core";
import type { ConversionContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { nearest } from "../errors/nearest.ts";
import type { AnyCall, Call, Natives } from "../graph/call.ts";
import { defined } from "../graph/defined.ts";
import { type AnyEntity, type CallArguments, Entity } from "../graph/entity.ts";
import type { Graph } from "../graph/node.ts";
import type { NodeBehaviour } from "../graph/node-behaviour.ts";
import { localTaskContext } from "../local/local-context.ts";
import { checkObjectMetadata } from "../pod/labels.ts";
import type { WorkflowReference } from "../reference/reference.ts";
import { checkSecrets } from "../task/task-metadata.ts";
import { toLiterals } from "../types/conversion.ts";
import type { DateType, DatetimeType } from "../types/times.ts";
import {
  type AcceptedOf,
  type AnyType,
  type HasDefault,
  hasDefault,
  type NativeOf,
  type Types,
} from "../types/type-transformer.ts";
import { launchPlanIdentifier, shortName } from "../wire/identifiers.ts";
import { LiteralMap } from "../wire/messages.ts";
import { optionProblems } from "./check-options.ts";
import type { LaunchPlanOptions } from "./launch-plan-options.ts";

/** What a launch plan can start: a workflow, or a reference to one that is registered already. */
export type Launchable<Inputs extends Types, Outputs extends Types, Result> = AnyEntity & {
  readonly "~result"?: Result;
  readonly inputs: Inputs;
  readonly outputs: Outputs;
} & ({ readonly graph: Graph } | { readonly reference: WorkflowReference });

/** The names of the inputs that can take the time of a start. */
export type TimeInputs<Inputs extends Types> = {
  [K in keyof Inputs & string]: NativeOf<Inputs[K]> extends NativeOf<DatetimeType> | NativeOf<DateType> ? K : never;
}[keyof Inputs & string];

/** The inputs that a launch plan leaves free: those that it does not fix, some of them with a default of its own. */
export type FreeInputs<Inputs extends Types, Fixed extends PropertyKey, Defaults extends PropertyKey> = {
  readonly [K in Exclude<keyof Inputs, Fixed>]: K extends Defaults
    ? Inputs[K] & HasDefault<AcceptedOf<Inputs[K]>>
    : Inputs[K];
};

/** What `launchPlan` takes. */
export interface LaunchPlanDefinition<
  Inputs extends Types,
  Outputs extends Types,
  Result,
  Fixed extends keyof Inputs,
  Defaults extends keyof Inputs,
> extends LaunchPlanOptions<Exclude<TimeInputs<Inputs>, Fixed>> {
  /** The launch plan's name, unique in its project, and not the workflow's. */
  readonly name: string;
  readonly workflow: Launchable<Inputs, Outputs, Result>;
  /** Inputs that have a value unless another is given, by name. They come before the defaults of the workflow. */
  readonly defaults?: { readonly [K in Defaults]: K extends Fixed ? never : AcceptedOf<Inputs[K]> };
  /** Inputs whose value is settled, by name: nobody can give another. */
  readonly fixed?: { readonly [K in Fixed]: AcceptedOf<Inputs[K]> };
}

/** The call signature, which the class's instances have. */
export interface LaunchPlan<Inputs extends Types, Outputs extends Types, Result> {
  (...args: CallArguments<Inputs>): Call<Outputs, Result>;
}

/** Any launch plan at all: what graphs, hosts and the compiler need to know of one. */
export interface AnyLaunchPlan extends AnyEntity {
  readonly workflow: Launchable<Types, Types, unknown>;
  readonly fixed: Readonly<Record<string, unknown>>;
  readonly launchPlan: LaunchPlanOptions;
  /** The workflow's inputs: those that were given, and the fixed ones. */
  withFixed(inputs: LiteralMap, context: ConversionContext): Promise<LiteralMap>;
}

/** Every entity is a function; called outside of `build` it runs. */
type StartsRun = (inputs: Readonly<Record<string, unknown>>) => AnyCall & PromiseLike<unknown>;

interface LaunchPlanParts {
  readonly name: string;
  readonly workflow: Launchable<Types, Types, unknown>;
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly fixed: Readonly<Record<string, unknown>>;
  readonly options: LaunchPlanOptions;
}

/** A workflow with inputs and options for its executions: what is started by hand, by a schedule, or as a node. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds the call signature that Entity provides
export class LaunchPlan<Inputs extends Types, Outputs extends Types, Result>
  extends Entity<Inputs, Outputs, Result>
  implements AnyLaunchPlan
{
  readonly workflow: Launchable<Types, Types, unknown>;
  readonly fixed: Readonly<Record<string, unknown>>;
  readonly launchPlan: LaunchPlanOptions;

  constructor({ name, workflow, defaults, fixed, options }: LaunchPlanParts) {
    const inputs = freeInputs(workflow.inputs, defaults, fixed) as Inputs;
    super({ name, inputs, outputs: workflow.outputs as Outputs, unwrapped: workflow.unwrapped });
    this.workflow = workflow;
    this.fixed = fixed;
    this.launchPlan = options;
  }

  /** A node that starts an execution of its own on a cluster; here the workflow runs in its place. */
  override get asNode(): NodeBehaviour {
    const { name, workflow } = this;
    return {
      parts: "graph" in workflow ? [workflow] : [],
      form: async (_node, { settings }) => {
        const value = launchPlanIdentifier(name, settings);
        const { target, metadata } = create(NodeSchema, {
          metadata: { name: shortName(workflow.name), retries: {} },
          target: { case: "workflowNode", value: { reference: { case: "launchplanRef", value } } },
        });
        return { target, metadata };
      },
      run: async (node, inputs, run) => {
        const { directory, signal } = run;
        const { context } = run.options;
        const place = { task: name, directory, signal, ...(context === undefined ? {} : { context }) };
        await using conversion = await localTaskContext(place);
        return await workflow.asNode.run(node, await this.withFixed(inputs, conversion), run);
      },
    };
  }

  async withFixed(inputs: LiteralMap, context: ConversionContext): Promise<LiteralMap> {
    const types = Object.entries(this.workflow.inputs).filter(([name]) => name in this.fixed);
    const { literals } = await toLiterals(this.fixed, Object.fromEntries(types), context, "input");
    return LiteralMap.create({ literals: { ...inputs.literals, ...literals } });
  }

  protected override async run(inputs: Natives<Inputs>): Promise<Natives<Outputs>> {
    const start = this.workflow as typeof this.workflow & StartsRun;
    const call = start({ ...inputs, ...this.fixed });
    await call;
    const outputs = Object.entries(call.outputs).map(async ([name, output]) => [name, await output] as const);
    return Object.fromEntries(await Promise.all(outputs)) as Natives<Outputs>;
  }
}

/** The inputs that are not fixed, in the workflow's order, with the launch plan's defaults. */
function freeInputs(
  inputs: Types,
  defaults: Readonly<Record<string, unknown>>,
  fixed: Readonly<Record<string, unknown>>,
): Types {
  const free = Object.entries(inputs).filter(([name]) => fixed[name] === undefined);
  return Object.fromEntries(
    free.map(([name, type]) => [name, defaults[name] === undefined ? type : type.default(defaults[name])]),
  );
}

/** The default launch plan of a workflow: of the same name, with the defaults of its inputs, and nothing else. */
export function launchPlan<Inputs extends Types, Outputs extends Types, Result>(definition: {
  readonly workflow: Launchable<Inputs, Outputs, Result>;
}): LaunchPlan<Inputs, Outputs, Result>;
/**
 * A launch plan: a workflow with default and fixed inputs, a schedule, and whatever else its executions shall have. Like
 * every entity it can be called, in `build` for a node with an execution of its own, elsewhere to run the workflow.
 * @throws FlyteError `InvalidDefinition` that names the launch plan and everything that is wrong with it.
 */
export function launchPlan<
  Inputs extends Types,
  Outputs extends Types,
  Result,
  Fixed extends keyof Inputs = never,
  Defaults extends keyof Inputs = never,
>(
  definition: LaunchPlanDefinition<Inputs, Outputs, Result, Fixed, Defaults>,
): LaunchPlan<FreeInputs<Inputs, Fixed, Defaults>, Outputs, Result>;
export function launchPlan(definition: AnyDefinition): AnyLaunchPlan {
  return defined(() => planned(definition));
}

type AnyDefinition = Partial<LaunchPlanDefinition<Types, Types, unknown, string, string>> & {
  readonly workflow: Launchable<Types, Types, unknown>;
};

function planned({ name, workflow, defaults = {}, fixed = {}, ...options }: AnyDefinition): AnyLaunchPlan {
  if (!("graph" in workflow) && !("reference" in workflow && workflow.reference.kind === "workflow")) {
    throw new FlyteError("InvalidDefinition", `launch plan ${name}: ${(workflow as AnyEntity).name} is no workflow`);
  }
  if (name === undefined) return defaultLaunchPlan(workflow);
  const parts = {
    name,
    workflow,
    defaults: given(defaults),
    fixed: given(fixed),
    options: options as LaunchPlanOptions,
  };
  const problems = [...inputProblems(parts), ...optionProblems(parts.options), ...kickoffProblems(parts)];
  if (problems.length > 0) throw new FlyteError("InvalidDefinition", `launch plan ${name}: ${problems.join("; ")}`);
  checkObjectMetadata(`launch plan ${name}`, parts.options);
  checkSecrets(`launch plan ${name}`, parts.options.security?.secrets ?? []);
  return new LaunchPlan(parts);
}

const given = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const madeBefore: unique symbol = Symbol.for("flyte-ts.default-launch-plan");

/** The default launch plan of a workflow, the same one each time. */
export function defaultLaunchPlan(workflow: Launchable<Types, Types, unknown>): AnyLaunchPlan {
  const holder = workflow as typeof workflow & { [madeBefore]?: AnyLaunchPlan };
  holder[madeBefore] ??= new LaunchPlan({ name: workflow.name, workflow, defaults: {}, fixed: {}, options: {} });
  return holder[madeBefore];
}

function inputProblems({ name, workflow, defaults, fixed }: LaunchPlanParts): string[] {
  const known = Object.keys(workflow.inputs);
  const unknown = (field: string, values: object): string[] =>
    Object.keys(values)
      .filter((input) => !known.includes(input))
      .map((input) => {
        const close = nearest(input, known);
        const hint = close === undefined ? `its inputs are: ${known.join(", ") || "none"}` : `did you mean "${close}"?`;
        return `${field} has "${input}", which is no input of the workflow ${workflow.name}; ${hint}`;
      });
  return [
    ...(name === workflow.name
      ? ["its name is the workflow's, which the workflow's default launch plan has; give it another"]
      : []),
    ...unknown("defaults", defaults),
    ...unknown("fixed", fixed),
    ...Object.keys(defaults)
      .filter((input) => input in fixed)
      .map((input) => `"${input}" is in both defaults and fixed; a fixed input needs no default`),
  ];
}

/** A schedule gives no inputs but the time: all others must have a value. */
function kickoffProblems({ workflow, defaults, fixed, options: { schedule } }: LaunchPlanParts): string[] {
  if (schedule === undefined) return [];
  const { kickoffInput } = schedule;
  const free = freeInputs(workflow.inputs, defaults, fixed);
  const open = Object.entries(free).filter(
    ([name, type]) => name !== kickoffInput && !hasDefault(type) && !type.isOptional,
  );
  const type = kickoffInput === undefined ? undefined : free[kickoffInput];
  return [
    ...open.map(([name]) => `a schedule has no value for the input "${name}"; put one into defaults or fixed`),
    ...(kickoffInput !== undefined && type === undefined
      ? [`schedule.kickoffInput is "${kickoffInput}", which is no free input of the workflow ${workflow.name}`]
      : []),
    ...(type !== undefined && !isTime(type)
      ? [`schedule.kickoffInput is "${kickoffInput}", which is ${type.name}; it must be a datetime`]
      : []),
  ];
}

const isTime = ({ literalType: { type } }: AnyType): boolean =>
  type.case === "simple" && type.value === SimpleType.DATETIME;
