import { type Identifier, ResourceType } from "@flyte-ts/idl/core";
import type { SerializationSettings } from "./serialization-settings.ts";

const identifier =
  (resourceType: ResourceType) =>
  (name: string, { project, domain, version }: SerializationSettings): Identifier => ({
    $typeName: "flyteidl.core.Identifier",
    resourceType,
    project,
    domain,
    name,
    version,
    org: "",
  });

/** A task's identifier in a project, domain and version. */
export const taskIdentifier: (name: string, settings: SerializationSettings) => Identifier = identifier(
  ResourceType.TASK,
);

/** A workflow's identifier in a project, domain and version. */
export const workflowIdentifier: (name: string, settings: SerializationSettings) => Identifier = identifier(
  ResourceType.WORKFLOW,
);

/** A launch plan's identifier in a project, domain and version. */
export const launchPlanIdentifier: (name: string, settings: SerializationSettings) => Identifier = identifier(
  ResourceType.LAUNCH_PLAN,
);

/** The last part of a dotted name, as flytekit shows it. */
export const shortName = (name: string): string => name.split(".").at(-1) ?? name;
