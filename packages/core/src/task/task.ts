import type { JsonObject } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { NodeSchema, TaskTemplateSchema } from "@flyte-ts/idl/core";
import { shortName, taskIdentifier } from "../compile/identifiers.ts";
import type { SerializationSettings } from "../compile/serialization-settings.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { Entity, type EntityOptions } from "../graph/entity.ts";
import type { NodeBehaviour } from "../graph/node-behaviour.ts";
import type { Types } from "../types/type-transformer.ts";
import { durationMessage } from "../wire/durations.ts";
import type { TaskTemplate } from "../wire/messages.ts";
import type { ExecutableTask } from "./executable-task.ts";
import { checkOptions, metadataMessage, type TaskOptions } from "./task-metadata.ts";
import { interfaceMessage } from "./typed-interface.ts";

/** A task: a name, Flyte's task type, an interface, and how it is run. */
export abstract class Task<Inputs extends Types, Outputs extends Types, Result> extends Entity<
  Inputs,
  Outputs,
  Result
> {
  /** Flyte's routing key (`TaskTemplate.type`). */
  readonly taskType: string;
  readonly options: TaskOptions;

  constructor(taskType: string, entity: EntityOptions<Inputs, Outputs>, options: TaskOptions) {
    super({ ...entity, description: entity.description ?? options.description });
    this.taskType = taskType;
    this.options = options;
    checkOptions(entity.name, options, Object.keys(entity.inputs));
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
    const { retries = 0, timeout } = this.options;
    return {
      parts: [],
      form: async (_node, { settings }) => {
        const value = taskIdentifier(this.name, settings);
        // Propeller takes a node's timeout and retries from the node alone, so a task's are copied there.
        const { target, metadata } = create(NodeSchema, {
          metadata: {
            name: shortName(this.name),
            retries: { retries },
            ...(timeout === undefined ? {} : { timeout: durationMessage(timeout) }),
          },
          target: {
            case: "taskNode",
            value: { reference: { case: "referenceId", value }, overrides: { resources: {} } },
          },
        });
        return { target, metadata };
      },
      run: async (_node, inputs, run) => {
        if (isExecutable(this)) return run.execute(this, inputs);
        throw new FlyteError("Unsupported", `task ${this.name} (${this.taskType}) cannot run here`);
      },
    };
  }
}

const isExecutable = (task: object): task is ExecutableTask => "dispatchExecute" in task;
