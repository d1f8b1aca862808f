/** The messages of flyteidl.admin that registering sends. Apart from the core messages, as no container needs them. */
import {
  type LaunchPlan as LaunchPlanMessageType,
  LaunchPlanSchema,
  type TaskSpec as TaskSpecMessage,
  TaskSpecSchema,
  type WorkflowSpec as WorkflowSpecMessage,
  WorkflowSpecSchema,
} from "@flyte-ts/idl/admin";
import { type Codec, codec } from "./codec.ts";

/** `flyteidl.admin.TaskSpec`: a task as it is registered. */
export type TaskSpec = TaskSpecMessage;
export const TaskSpec: Codec<typeof TaskSpecSchema> = /* @__PURE__ */ codec(TaskSpecSchema);

/** `flyteidl.admin.WorkflowSpec`: a workflow as it is registered, with its sub-workflows. */
export type WorkflowSpec = WorkflowSpecMessage;
export const WorkflowSpec: Codec<typeof WorkflowSpecSchema> = /* @__PURE__ */ codec(WorkflowSpecSchema);

/** `flyteidl.admin.LaunchPlan`: a launch plan as it is registered, its identifier and specification. */
export type LaunchPlanMessage = LaunchPlanMessageType;
export const LaunchPlanMessage: Codec<typeof LaunchPlanSchema> = /* @__PURE__ */ codec(LaunchPlanSchema);
