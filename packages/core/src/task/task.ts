import type { JsonObject } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { type NodeMetadata, TaskTemplateSchema } from "@flyte-ts/idl/core";
import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";
import { Entity, type EntityOptions } from "../graph/entity.ts";
import type { NodeBehaviour, NodeForm } from "../graph/node-behaviour.ts";
import { runAttempts } from "../local/attempts.ts";
import type { Types } from "../types/type-transformer.ts";
import { interfaceMessage } from "../types/typed-interface.ts";
import { durationMessage } from "../wire/durations.ts";
import { shortName, taskIdentifier } from "../wire/identifiers.ts";
import type { TaskTemplate } from "../wire/messages.ts";
import type { SerializationSettings } from "../wire/serialization-settings.ts";
import type { ExecutableTask } from "./executable-task.ts";
import { checkOptions, metadataMessage, type TaskOptions } from "./task-metadata.ts";

/** A task: a name, Flyte's task type, an interface, and how it is run. */
export abstract class Task<Inputs extends Types, Outputs extends Types, Result> extends Entity<
  Inputs,
  Outputs,
  Result
> {
  /** Flyte's routing key (`TaskTemplate.type`). */
  readonly taskType: string;
  readonly options: TaskOptions;
  /** What a plugin's task class reads (`task({ config })`); undefined for a plain task. */
  config: object | undefined;
  #configOverridden = false;

  constructor(taskType: string, entity: EntityOptions<Inputs, Outputs>, options: TaskOptions) {
    super({ ...entity, description: entity.description ?? options.description });
    this.taskType = taskType;
    this.options = options;
    this.config = options.config;
    checkOptions(entity.name, options, Object.keys(entity.inputs));
  }

  /**
   * Puts another config in the place of the task's own: what `withOverrides({ taskConfig })` does. The task is
   * registered once, so all its nodes have it.
   * @throws FlyteError `InvalidDefinition` for a config of another class, or when another call gave one already.
   */
  overrideConfig(config: object): void {
    const bad = (message: string): FlyteError => new FlyteError("InvalidDefinition", `task ${this.name} ${message}`);
    if (this.config === undefined) throw bad("has no config that could be overridden");
    if (config.constructor !== this.config.constructor) {
      throw bad(`has a config ${this.config.constructor.name}; the override is ${shown(config)}`);
    }
    if (this.#configOverridden && config !== this.config) {
      throw bad("is given two configs, but is registered once: define a task of its own for the second");
    }
    this.config = config;
    this.#configOverridden = true;
  }

  /** The configuration that the task's executor or connector reads; nothing by default. */
  custom(): JsonObject | undefined {
    return undefined;
  }

  /** The task as Flyte stores it. */
  template(settings: SerializationSettings): TaskTemplate {
    const custom = this.custom();
    return create(TaskTemplateSchema, {
      id: taskIdentifier(this.name, settings),
      type: this.taskType,
      metadata: metadataMessage(this.options),
      interface: interfaceMessage(this),
      ...(custom === undefined ? {} : { custom }),
    });
  }

  /** A task node: the task is registered by itself and referred to; it runs as the workflow's run says. */
  override get asNode(): NodeBehaviour {
    const { retries = 0, timeout, interruptible } = this.options;
    return {
      parts: [],
      form: async (_node, { settings }) => {
        const value = taskIdentifier(this.name, settings);
        // Propeller takes a node's timeout from the node alone; flytekit copies these three there.
        const metadata: NodeMetadata = {
          $typeName: "flyteidl.core.NodeMetadata",
          name: shortName(this.name),
          retries: { $typeName: "flyteidl.core.RetryStrategy", retries },
          interruptibleValue:
            interruptible === undefined ? { case: undefined } : { case: "interruptible", value: interruptible },
          cacheableValue: { case: undefined },
          cacheVersionValue: { case: undefined },
          cacheSerializableValue: { case: undefined },
          config: {},
          ...(timeout === undefined ? {} : { timeout: durationMessage(timeout) }),
        };
        const overrides = { $typeName: "flyteidl.core.TaskNodeOverrides" as const, containerImage: "" };
        const reference = { case: "referenceId" as const, value };
        const task = { $typeName: "flyteidl.core.TaskNode" as const, reference, overrides };
        const target: NodeForm["target"] = { case: "taskNode", value: task };
        return { target, metadata };
      },
      run: async (node, inputs, run) => {
        if (isExecutable(this)) return runAttempts(this, { ...this.options, ...node.overrides }, inputs, run);
        throw new FlyteError("Unsupported", `task ${this.name} (${this.taskType}) cannot run here`);
      },
    };
  }
}

const isExecutable = (task: object): task is ExecutableTask => "dispatchExecute" in task;
