import { create } from "@bufbuild/protobuf";
import { type Node as NodeMessage, NodeSchema } from "@flyte-ts/idl/core";
import type { TaskContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { Natives } from "../graph/call.ts";
import { Entity } from "../graph/entity.ts";
import type { NodeBehaviour } from "../graph/node-behaviour.ts";
import { localTaskContext } from "../local/local-context.ts";
import { withTaskContext } from "../local/run-task.ts";
import { outputsByName } from "../task/run-outputs.ts";
import { toLiterals, toNatives } from "../types/conversion.ts";
import type { AnyType, Types } from "../types/type-transformer.ts";
import { shortName } from "../wire/identifiers.ts";
import type { LiteralMap } from "../wire/messages.ts";
import type { Reference } from "./reference.ts";

/** What a reference says: which registered entity it is, and the inputs that it is known to have. */
export interface ReferenceDefinition<Inputs extends Types> {
  readonly project: string;
  readonly domain: string;
  readonly name: string;
  readonly version: string;
  /** The inputs by name; none by default. Registering compares them with what is there. */
  readonly inputs?: Inputs;
}

/** Stands for a reference while tests run: native inputs by name in, the result out. */
export type StandIn<Inputs extends Types, Result> = (inputs: Natives<Inputs>) => Result | Promise<Result>;

/** An entity that is registered already: an identifier and an interface, nothing that could run here. */
export abstract class ReferenceEntity<Inputs extends Types, Outputs extends Types, Result> extends Entity<
  Inputs,
  Outputs,
  Result
> {
  readonly reference: Reference;
  #standIn: StandIn<Inputs, Result> | undefined;

  constructor(kind: Reference["kind"], definition: ReferenceDefinition<Inputs> & ReferenceOutputs) {
    const { project, domain, name, version, inputs = {} as Inputs, output, outputs } = definition;
    for (const field of ["project", "domain", "version"] as const) {
      if ((definition[field] ?? "") !== "") continue;
      throw new FlyteError("InvalidDefinition", `reference to the ${kind} ${name}: ${field} is empty`);
    }
    const types = output === undefined ? (outputs ?? {}) : { o0: output };
    super({ name, inputs, outputs: types as Outputs, unwrapped: outputs === undefined });
    this.reference = { kind, project, domain, name, version };
  }

  /** A node that refers to what is registered. */
  override get asNode(): NodeBehaviour {
    return {
      parts: [],
      form: async () => ({
        target: this.target(),
        metadata: create(NodeSchema, { metadata: { name: shortName(this.name), retries: {} } }).metadata,
      }),
      run: async (_node, inputs, { directory, signal, options: { context } }) => {
        const place = { task: this.name, directory, signal, ...(context === undefined ? {} : { context }) };
        await using conversion = await localTaskContext(place);
        return await this.#stoodIn(inputs, conversion);
      },
    };
  }

  /**
   * Lets a function stand for the registered entity in runs on this machine, until the result is disposed of:
   * `using _ = reference.standIn(({ n }) => n + 1)`. For tests; what is compiled stays as it is.
   */
  standIn(run: StandIn<Inputs, Result>): Disposable {
    const before = this.#standIn;
    this.#standIn = run;
    return {
      [Symbol.dispose]: () => {
        this.#standIn = before;
      },
    };
  }

  /** What the node is on the wire. */
  protected abstract target(): NodeMessage["target"];

  protected override run(inputs: Natives<Inputs>): Promise<Natives<Outputs>> {
    return withTaskContext({ task: this.name }, async (context) => {
      const literals = await toLiterals(inputs, this.inputs, context, "input");
      const { literals: outputs } = await this.#stoodIn(literals, context);
      return (await toNatives(outputs, this.outputs, context)) as Natives<Outputs>;
    });
  }

  async #stoodIn(inputs: LiteralMap, context: TaskContext): Promise<LiteralMap> {
    const standIn = this.#standIn;
    if (standIn === undefined) {
      const { kind, project, domain, name, version } = this.reference;
      throw new FlyteError(
        "Unsupported",
        `the ${kind} ${name} is registered in ${project}/${domain} as version ${version} and cannot run here; in a test let a function stand for it: ${shortName(name)}.standIn(…)`,
      );
    }
    const returned = await standIn((await toNatives(inputs.literals, this.inputs, context)) as Natives<Inputs>);
    return toLiterals(outputsByName(this.name, returned, this.outputs, this.unwrapped), this.outputs, context);
  }
}

/** The outputs of a reference: one, a record, or none. */
export interface ReferenceOutputs {
  readonly output?: AnyType;
  readonly outputs?: Types;
}
