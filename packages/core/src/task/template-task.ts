import type { Container } from "@flyte-ts/idl/core";
import type { TaskContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { Call } from "../graph/call.ts";
import type { CallArguments, EntityOptions } from "../graph/entity.ts";
import type { PluginManifest } from "../plugin/define-plugin.ts";
import { pluginImage } from "../plugin/image.ts";
import type { PackageInfo } from "../plugin/package-info.ts";
import type { Types } from "../types/type-transformer.ts";
import type { LiteralMap, TaskTemplate } from "../wire/messages.ts";
import type { SerializationSettings } from "../wire/serialization-settings.ts";
import { containerArguments } from "./container-arguments.ts";
import {
  type ContainerOptions,
  checkContainerOptions,
  containerMessage,
  type HasContainer,
  withContainer,
} from "./container-options.ts";
import { ShimTask } from "./shim-task.ts";
import { TypedTask } from "./typed-task.ts";

/** The call signature, which the class's instances have. */
export interface TemplateTask<Inputs extends Types, Outputs extends Types, Result> {
  (...args: CallArguments<Inputs>): Call<Outputs, Result>;
}

/** The plugin that a template task belongs to. */
export interface TemplateTaskPlugin {
  /** The plugin's package; its name and version make the image's name. */
  readonly package: PackageInfo;
  /** The plugin's manifest, imported when the task runs here. */
  readonly manifest: () => Promise<{ readonly default: PluginManifest }>;
}

/** What a template task may say. */
export type TemplateTaskOptions = ContainerOptions;

/** The name of the resolver that runs tasks from their template (`--resolver`). */
export const templateResolverName = "flyte-ts.template";

/**
 * A task that is serialised whole into its template and runs in an image that its plugin ships: nothing of the author's
 * code is needed there. `custom()` is its configuration.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds the call signature that Entity provides
export abstract class TemplateTask<Inputs extends Types, Outputs extends Types, Result>
  extends TypedTask<Inputs, Outputs, Result>
  implements HasContainer
{
  readonly plugin: TemplateTaskPlugin;
  readonly container: TemplateTaskOptions;

  constructor(
    taskType: string,
    entity: EntityOptions<Inputs, Outputs>,
    plugin: TemplateTaskPlugin,
    options: TemplateTaskOptions = {},
  ) {
    super(taskType, entity, options);
    this.plugin = plugin;
    this.container = options;
    checkContainerOptions(entity.name, options);
  }

  containerMessage(settings: SerializationSettings): Container {
    return containerMessage(this.container, {
      image: this.container.image ?? pluginImage(this.plugin.package, { registry: settings.imageRegistry }),
      args: containerArguments({
        resolver: templateResolverName,
        loaderArgs: ["{{.taskTemplatePath}}", this.plugin.package.name],
        checkpoints: false,
      }),
    });
  }

  override template(settings: SerializationSettings): TaskTemplate {
    return withContainer(super.template(settings), this.containerMessage(settings), this.container);
  }

  /** Runs here as in the container: from the template alone, by the plugin's executor. */
  async dispatchExecute(context: TaskContext, literals: LiteralMap): Promise<LiteralMap> {
    const { default: manifest } = await this.plugin.manifest();
    const executor = manifest.provides.executors?.[this.taskType];
    if (executor === undefined) {
      throw new FlyteError("UnknownTaskType", `${manifest.name} has no executor for the task type "${this.taskType}"`);
    }
    const { project, domain, version } = context.execution;
    const template = this.template({ project, domain, version, module: "" });
    return new ShimTask(template, await executor()).dispatchExecute(context, literals);
  }
}
