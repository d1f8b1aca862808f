import type { JsonObject } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { type Identifier, IdentifierSchema, ResourceType, TaskTemplateSchema } from "@flyte-ts/idl/core";
import type { SerializationSettings } from "../compile/serialization-settings.ts";
import { Entity, type EntityOptions } from "../graph/entity.ts";
import type { Types } from "../types/type-transformer.ts";
import type { TaskTemplate } from "../wire/messages.ts";
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
      id: this.identifier(settings),
      type: this.taskType,
      metadata: metadataMessage(this.options),
      interface: interfaceMessage(this),
      ...(custom === undefined ? {} : { custom }),
    });
  }

  /** The task's name in a project, domain and version. */
  identifier({ project, domain, version }: SerializationSettings): Identifier {
    return create(IdentifierSchema, { resourceType: ResourceType.TASK, project, domain, name: this.name, version });
  }
}
