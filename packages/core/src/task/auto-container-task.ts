import { containerArguments } from "../compile/container-arguments.ts";
import type { SerializationSettings } from "../compile/serialization-settings.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { EntityOptions } from "../graph/entity.ts";
import type { Types } from "../types/type-transformer.ts";
import type { TaskTemplate } from "../wire/messages.ts";
import { type ContainerOptions, inContainer } from "./container.ts";
import { TypedTask } from "./typed-task.ts";

/** The name of the resolver that finds tasks in modules (`--resolver`). */
export const moduleResolverName = "flyte-ts.module";

/** A task that runs in a container of the author's project: the entrypoint imports its module and finds it by name. */
export abstract class AutoContainerTask<Inputs extends Types, Outputs extends Types, Result> extends TypedTask<
  Inputs,
  Outputs,
  Result
> {
  readonly container: ContainerOptions;

  constructor(taskType: string, entity: EntityOptions<Inputs, Outputs>, options: ContainerOptions) {
    super(taskType, entity, options);
    this.container = options;
  }

  /** What stands behind `--` in the container's command. */
  loaderArgs({ module }: SerializationSettings): readonly string[] {
    return ["module", module, "entity", this.name];
  }

  override template(settings: SerializationSettings): TaskTemplate {
    const template = super.template(settings);
    const { image = settings.image, environment } = this.container;
    if (image === undefined || image === "") {
      throw new FlyteError(
        "InvalidDefinition",
        `task ${this.name} needs an image: give --image, set FLYTE_INTERNAL_IMAGE, or say image in the task`,
      );
    }
    const args = containerArguments({
      resolver: moduleResolverName,
      loaderArgs: this.loaderArgs(settings),
      checkpoints: true,
      ...(settings.fastRegistration === undefined ? {} : { fastRegistration: settings.fastRegistration }),
    });
    const env = { ...settings.environment, ...environment };
    return inContainer(template, image, args, { ...this.container, environment: env });
  }
}
