import { create } from "@bufbuild/protobuf";
import { type Identifier, IdentifierSchema, ResourceType } from "@flyte-ts/idl/core";

/** Something that is registered already. */
export interface Reference {
  readonly kind: "task" | "workflow" | "launch plan";
  readonly project: string;
  readonly domain: string;
  readonly name: string;
  readonly version: string;
}

/** A workflow that is registered already. */
export interface WorkflowReference extends Reference {
  readonly kind: "workflow";
}

const resourceTypes = {
  task: ResourceType.TASK,
  workflow: ResourceType.WORKFLOW,
  "launch plan": ResourceType.LAUNCH_PLAN,
} as const;

/** The identifier of what is registered, whatever is being registered now. */
export function referenceIdentifier({ kind, project, domain, name, version }: Reference): Identifier {
  return create(IdentifierSchema, { resourceType: resourceTypes[kind], project, domain, name, version });
}
