import type { Container } from "@flyte-ts/idl/core";
import { FlyteError } from "../errors/flyte-error.ts";
import type { EntityOptions } from "../graph/entity.ts";
import type { Types } from "../types/type-transformer.ts";
import type { TaskTemplate } from "../wire/messages.ts";
import type { SerializationSettings } from "../wire/serialization-settings.ts";
import { containerArguments } from "./container-arguments.ts";
import {
  type ContainerOptions,
  checkContainerOptions,
  containerMessage,
  type HasContainer,
  withContainer,
} from "./container-options.ts";
import { TypedTask } from "./typed-task.ts";

/** The name of the resolver that finds tasks in modules (`--resolver`). */
export const moduleResolverName = "flyte-ts.module";

/** A task that runs in a container of the author's project: the entrypoint imports its module and finds it by name. */
export abstract class AutoContainerTask<Inputs extends Types, Outputs extends Types, Result>
  extends TypedTask<Inputs, Outputs, Result>
  implements HasContainer
{
  readonly container: ContainerOptions;

  constructor(taskType: string, entity: EntityOptions<Inputs, Outputs>, options: ContainerOptions) {
    super(taskType, entity, options);
    this.container = options;
    checkContainerOptions(entity.name, options);
  }

  /** What stands behind `--resolver` in the container's command: who finds the task there. */
  get resolver(): string {
    return moduleResolverName;
  }

  /** What stands behind `--` in the container's command. */
  loaderArgs({ module }: SerializationSettings): readonly string[] {
    return ["module", module, "entity", this.name];
  }

  containerMessage(settings: SerializationSettings): Container {
    const image = this.container.image ?? settings.image;
    if (image === undefined || image === "") {
      throw new FlyteError(
        "InvalidDefinition",
        `task ${this.name} needs an image: give --image, set FLYTE_INTERNAL_IMAGE, or say image in the task`,
      );
    }
    return containerMessage(this.container, {
      image,
      args: containerArguments({
        resolver: this.resolver,
        loaderArgs: this.loaderArgs(settings),
        checkpoints: true,
        ...(settings.fastRegistration === undefined ? {} : { fastRegistration: settings.fastRegistration }),
      }),
      environment: settings.environment,
    });
  }

  override template(settings: SerializationSettings): TaskTemplate {
    return withContainer(super.template(settings), this.containerMessage(settings), this.container);
  }
}
