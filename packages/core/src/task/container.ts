import { create } from "@bufbuild/protobuf";
import { ContainerSchema } from "@flyte-ts/idl/core";
import type { TaskTemplate } from "../wire/messages.ts";
import {
  type Resources,
  resourcesMessage,
  type SecretRequest,
  securityContext,
  type TaskOptions,
} from "./task-metadata.ts";

/** What a task that runs in a container may say. */
export interface ContainerOptions extends TaskOptions {
  /** The image, in the place of the default one: that which is given when packaging, or the plugin's own. */
  readonly image?: string;
  readonly resources?: Resources;
  /** Environment variables of the container. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly SecretRequest[];
}

/** A template with its container: the arguments are the whole command, as propeller wants it. */
export function inContainer(
  template: TaskTemplate,
  image: string,
  args: string[],
  { resources = {}, environment = {}, secrets = [] }: ContainerOptions,
): TaskTemplate {
  const env = Object.entries(environment).map(([key, value]) => ({ key, value }));
  const container = create(ContainerSchema, { image, args, resources: resourcesMessage(resources), env });
  const security = securityContext(secrets);
  return {
    ...template,
    target: { case: "container", value: container },
    ...(security === undefined ? {} : { securityContext: security }),
  };
}
