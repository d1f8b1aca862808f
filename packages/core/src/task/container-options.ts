import { create } from "@bufbuild/protobuf";
import { type Container, ContainerSchema, type DataLoadingConfig } from "@flyte-ts/idl/core";
import { noting, throwProblems } from "../errors/all-problems.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";
import {
  checkPodTemplate,
  type PodTemplate,
  podMessage,
  primaryContainerKey,
  primaryContainerOf,
} from "../pod/pod-template.ts";
import {
  checkExtended,
  checkResources,
  type ExtendedOptions,
  extendedMessage,
  type Resources,
  resourcesMessage,
} from "../pod/resources.ts";
import type { TaskTemplate } from "../wire/messages.ts";
import type { SerializationSettings } from "../wire/serialization-settings.ts";
import {
  checkSecrets,
  type SecretRequest,
  securityContext,
  type TaskOptions,
  taskOptionNames,
} from "./task-metadata.ts";

/** What a task that runs in a container may say. */
export interface ContainerOptions extends TaskOptions, ExtendedOptions {
  /** The image, in the place of the one that is given when packaging, or of the plugin's own. */
  readonly image?: string;
  readonly resources?: Resources;
  /** Environment variables of the container. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly SecretRequest[];
  /** The pod that the container stands in; a plain one by default. */
  readonly podTemplate?: PodTemplate;
}

/** The names of all that `ContainerOptions` has. */
export const containerOptionNames: readonly string[] = [
  ...taskOptionNames,
  ...Object.keys({
    accelerator: true,
    sharedMemory: true,
    image: true,
    resources: true,
    environment: true,
    secrets: true,
    podTemplate: true,
  } satisfies Record<Exclude<keyof ContainerOptions, keyof TaskOptions>, true>),
];

/** A task that has a container: what an override of its pod is made of. */
export interface HasContainer {
  /** The task's container as Flyte stores it. */
  containerMessage(settings: SerializationSettings): Container;
}

/** @throws FlyteError `InvalidDefinition` that names the task and the option. */
export function checkContainerOptions(task: string, options: ContainerOptions): void {
  const owner = `task ${task}`;
  const problems: unknown[] = [];
  noting(problems, () => checkResources(owner, options.resources ?? {}));
  noting(problems, () => checkExtended(owner, options));
  noting(problems, () => checkSecrets(owner, options.secrets ?? []));
  noting(problems, () => options.podTemplate !== undefined && checkPodTemplate(owner, options.podTemplate));
  for (const [name, value] of Object.entries(options.environment ?? {})) {
    if (name !== "" && !/[=\0]/.test(name) && typeof value === "string") continue;
    const message = `${owner}: environment.${name} is ${shown(value)}; it must be a string`;
    problems.push(new FlyteError("InvalidDefinition", message));
  }
  throwProblems(problems);
}

/** What a container runs; the rest comes from the task's options. */
export interface ContainerParts {
  readonly image: string;
  readonly command?: readonly string[];
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly dataConfig?: DataLoadingConfig;
}

/** The wire form of a container. */
export function containerMessage(options: ContainerOptions, parts: ContainerParts): Container {
  const { image, command = [], args, environment = {}, dataConfig } = parts;
  return create(ContainerSchema, {
    image,
    command: [...command],
    args: [...args],
    resources: resourcesMessage(options.resources ?? {}),
    env: Object.entries({ ...environment, ...options.environment }).map(([key, value]) => ({ key, value })),
    ...(dataConfig === undefined ? {} : { dataConfig }),
  });
}

/** A task's template with its container, or with the pod that the container stands in. */
export function withContainer(template: TaskTemplate, container: Container, options: ContainerOptions): TaskTemplate {
  const { podTemplate } = options;
  const security = securityContext(options.secrets ?? []);
  const extended = extendedMessage(options);
  return {
    ...template,
    target:
      podTemplate === undefined
        ? { case: "container", value: container }
        : { case: "k8sPod", value: podMessage(podTemplate, container, container.dataConfig) },
    ...(podTemplate === undefined
      ? {}
      : { config: { ...template.config, [primaryContainerKey]: primaryContainerOf(podTemplate) } }),
    ...(security === undefined ? {} : { securityContext: security }),
    ...(extended === undefined ? {} : { extendedResources: extended }),
  };
}
