import type { JsonObject } from "@bufbuild/protobuf";
import { type AsyncConnector, type Connector, isSyncConnector, type SyncConnector } from "../connector/connector.ts";
import type { TaskContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { Call } from "../graph/call.ts";
import type { CallArguments, EntityOptions } from "../graph/entity.ts";
import type { TaskOptions } from "../task/task-metadata.ts";
import type { TemplateTaskPlugin } from "../task/template-task.ts";
import { TypedTask } from "../task/typed-task.ts";
import type { Types } from "../types/type-transformer.ts";
import type { LiteralMap, TaskTemplate } from "../wire/messages.ts";
import type { SerializationSettings } from "../wire/serialization-settings.ts";
import { checkConnectionKeys } from "./connection-keys.ts";
import type { JobRequest } from "./drive-job.ts";

/** A task that a connector runs; `AsyncConnectorTask` and `SyncConnectorTask` are the two kinds. */
abstract class ConnectorTask<Inputs extends Types, Outputs extends Types, Result> extends TypedTask<
  Inputs,
  Outputs,
  Result
> {
  /** A run that ends early deletes its job first. */
  readonly cleansUp: boolean = true;
  /** The package that has the connector, by the task's type. */
  readonly plugin: TemplateTaskPlugin;

  constructor(
    taskType: string,
    entity: EntityOptions<Inputs, Outputs>,
    plugin: TemplateTaskPlugin,
    options: TaskOptions = {},
  ) {
    super(taskType, entity, options);
    this.plugin = plugin;
  }

  /** Never undefined: Flyte v2 starts no connector task whose template has no `custom`. */
  override custom(): JsonObject {
    return {};
  }

  /** @throws FlyteError `InvalidDefinition` for a `custom` that Flyte v2 would start no task with. */
  override template(settings: SerializationSettings): TaskTemplate {
    const template = super.template(settings);
    checkConnectionKeys(this.name, template.custom ?? {});
    return template;
  }

  /** What a connector service would be sent. */
  protected request(inputs: LiteralMap, { execution: { project, domain, version } }: TaskContext): JobRequest {
    return { template: this.template({ project, domain, version, module: "" }), inputs };
  }

  /** The plugin's connector for this task type. */
  protected async connector(): Promise<Connector> {
    const { default: manifest } = await this.plugin.manifest();
    const connector = await manifest.provides.connectors?.[this.taskType]?.();
    if (connector !== undefined) return connector;
    const types = Object.keys(manifest.provides.connectors ?? {});
    throw new FlyteError(
      "UnknownTaskType",
      `the plugin ${manifest.name} has no connector for the task type "${this.taskType}"; in provides.connectors it has ${
        types.length === 0 ? "none" : types.map((type) => `"${type}"`).join(", ")
      }`,
    );
  }
}

/** The call signature, which the class's instances have. */
export interface AsyncConnectorTask<Inputs extends Types, Outputs extends Types, Result> {
  (...args: CallArguments<Inputs>): Call<Outputs, Result>;
}

/**
 * A task that is a job of a service: Flyte has a connector service start it, ask for it and stop it, and no container
 * waits for it. Locally the connector runs in this process.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds the call signature that Entity provides
export abstract class AsyncConnectorTask<Inputs extends Types, Outputs extends Types, Result> extends ConnectorTask<
  Inputs,
  Outputs,
  Result
> {
  async dispatchExecute(context: TaskContext, inputs: LiteralMap): Promise<LiteralMap> {
    const connector = await this.connector();
    if (isSyncConnector(connector)) {
      throw wrongKind(this.taskType, connector, "answers at once; its tasks must be SyncConnectorTasks");
    }
    const { driveJob } = await import("./drive-job.ts");
    return driveJob(connector as AsyncConnector, this.request(inputs, context), context);
  }
}

/** The call signature, which the class's instances have. */
export interface SyncConnectorTask<Inputs extends Types, Outputs extends Types, Result> {
  (...args: CallArguments<Inputs>): Call<Outputs, Result>;
}

/** A task that a connector answers at once (Flyte v1). Locally the connector runs in this process. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds the call signature that Entity provides
export abstract class SyncConnectorTask<Inputs extends Types, Outputs extends Types, Result> extends ConnectorTask<
  Inputs,
  Outputs,
  Result
> {
  async dispatchExecute(context: TaskContext, inputs: LiteralMap): Promise<LiteralMap> {
    const connector = await this.connector();
    if (!isSyncConnector(connector)) {
      throw wrongKind(this.taskType, connector, "runs jobs; its tasks must be AsyncConnectorTasks");
    }
    const { driveSync } = await import("./drive-job.ts");
    return driveSync(connector, this.request(inputs, context), context);
  }
}

function wrongKind(taskType: string, { name }: AsyncConnector | SyncConnector, what: string): FlyteError {
  return new FlyteError("InvalidDefinition", `the connector ${name} of the task type "${taskType}" ${what}`);
}
