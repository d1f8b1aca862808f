import { create } from "@bufbuild/protobuf";
import {
  type Node as NodeMessage,
  type NodeMetadata,
  NodeMetadataSchema,
  type TaskNodeOverrides,
  TaskNodeOverridesSchema,
} from "@flyte-ts/idl/core";
import { FlyteError } from "../errors/flyte-error.ts";
import type { AnyEntity } from "../graph/entity.ts";
import type { Node } from "../graph/node.ts";
import type { NodeOverrides } from "../graph/node-overrides.ts";
import { podOverrideMessage } from "../pod/pod-template.ts";
import { extendedMessage, overrideOrder, resourcesMessage } from "../pod/resources.ts";
import type { HasContainer } from "../task/container-options.ts";
import { durationMessage } from "../wire/durations.ts";
import type { SerializationSettings } from "../wire/serialization-settings.ts";

/** The overrides that only a task's container knows. */
const ofTheContainer = [
  "requests",
  "limits",
  "containerImage",
  "accelerator",
  "sharedMemory",
  "podTemplate",
] as const satisfies readonly (keyof NodeOverrides)[];

/**
 * A node's wire form with what its call says otherwise. An array node passes it on to the task that it maps (as
 * flytekit's).
 * @throws FlyteError `InvalidDefinition` for what the node's kind has no place for.
 */
export function withOverrides(message: NodeMessage, node: Node, settings: SerializationSettings): NodeMessage {
  const { overrides } = node;
  if (overrides === undefined) return message;
  const outputAliases = Object.entries(overrides.aliases ?? {}).map(([name, alias]) => ({
    $typeName: "flyteidl.core.Alias" as const,
    var: name,
    alias,
  }));
  const aliased = { ...message, outputAliases: [...message.outputAliases, ...outputAliases] };
  const { target } = message;
  if (target.case === "arrayNode" && target.value.node !== undefined) {
    const inner = applied(target.value.node, node, overrides, settings);
    return { ...aliased, target: { case: "arrayNode", value: { ...target.value, node: inner } } };
  }
  return applied(aliased, node, overrides, settings);
}

function applied(
  message: NodeMessage,
  node: Node,
  overrides: NodeOverrides,
  settings: SerializationSettings,
): NodeMessage {
  const metadata = metadataWith(message.metadata ?? create(NodeMetadataSchema), overrides);
  const { target } = message;
  if (target.case === "taskNode") {
    const { overrides: own = create(TaskNodeOverridesSchema) } = target.value;
    const merged = { ...own, ...taskOverrides(node, overrides, settings) };
    return { ...message, metadata, target: { case: "taskNode", value: { ...target.value, overrides: merged } } };
  }
  const unfit = ofTheContainer.find((key) => overrides[key] !== undefined);
  if (unfit === undefined) return { ...message, metadata };
  throw new FlyteError(
    "InvalidDefinition",
    `${node.id} (${node.entity.name}): only a task's node takes the override ${unfit}; this one runs no container`,
  );
}

function metadataWith(metadata: NodeMetadata, overrides: NodeOverrides): NodeMetadata {
  const { name, timeout, retries, interruptible, cache } = overrides;
  const options = typeof cache === "string" ? { version: cache } : cache;
  const { timeout: _, ...unlimited } = metadata;
  return {
    // no limit is a limit that is not there, as in flytekit
    ...(timeout === 0 ? unlimited : metadata),
    ...(name === undefined ? {} : { name }),
    ...(timeout === undefined || timeout === 0 ? {} : { timeout: durationMessage(timeout) }),
    ...(retries === undefined ? {} : { retries: { $typeName: "flyteidl.core.RetryStrategy" as const, retries } }),
    ...(interruptible === undefined
      ? {}
      : { interruptibleValue: { case: "interruptible" as const, value: interruptible } }),
    ...(options === undefined ? {} : { cacheableValue: { case: "cacheable" as const, value: options !== false } }),
    ...(options === undefined || options === false
      ? {}
      : {
          cacheVersionValue: { case: "cacheVersion" as const, value: options.version },
          cacheSerializableValue: { case: "cacheSerializable" as const, value: options.serialize ?? false },
        }),
  };
}

function taskOverrides(
  { entity }: Node,
  overrides: NodeOverrides,
  settings: SerializationSettings,
): Partial<TaskNodeOverrides> {
  const { requests = {}, limits = {}, containerImage, podTemplate } = overrides;
  const extended = extendedMessage(overrides);
  const resized = overrides.requests !== undefined || overrides.limits !== undefined;
  return {
    ...(resized ? { resources: resourcesMessage({ requests, limits }, overrideOrder) } : {}),
    ...(extended === undefined ? {} : { extendedResources: extended }),
    ...(containerImage === undefined ? {} : { containerImage }),
    ...(podTemplate === undefined
      ? {}
      : { podTemplate: podOverrideMessage(podTemplate, containerOf(entity).containerMessage(settings)) }),
  };
}

function containerOf(entity: AnyEntity): HasContainer {
  if ("containerMessage" in entity) return entity as AnyEntity & HasContainer;
  throw new FlyteError("InvalidDefinition", `task ${entity.name} has no container, so no podTemplate can be its own`);
}
