/**
 * For authors of workflows.
 * @module
 */

export {
  type CompiledEntities,
  type CompiledEntity,
  compile,
  compileAll,
  compileModules,
  type ModuleEntities,
} from "./compile/compile.ts";
export { FlyteContext, type FlyteContextOptions } from "./context/flyte-context.ts";
export type { TaskContext } from "./context/task-context.ts";
export { type AnyRow, Dataset, type DatasetOptions, type OpenDatasetOptions } from "./dataset/dataset.ts";
export type { CellValue, NativeColumn } from "./dataset/native-column.ts";
export type { ColumnSchema, ColumnType, RecordBatch, Vector } from "./dataset/record-batch.ts";
export type { DatasetContext } from "./dataset/stored-source.ts";
export {
  FlyteError,
  type FlyteErrorCode,
  type FlyteErrorKind,
  type FlyteErrorOptions,
  type FlyteErrorReason,
} from "./errors/flyte-error.ts";
export { IgnoreOutputs } from "./errors/ignore-outputs.ts";
export type { AnyCall, Call, CallInputs, Natives, OutputsOf } from "./graph/call.ts";
export { Condition } from "./graph/condition.ts";
export {
  type BranchCall,
  type Conditional,
  type ConditionalWays,
  conditional,
} from "./graph/conditional.ts";
export type { AnyEntity, Entity } from "./graph/entity.ts";
export type { FailureHandler } from "./graph/failure-handler.ts";
export type { GateOptions } from "./graph/gate.ts";
export { type ApprovalCall, approve, sleep, waitForInput } from "./graph/gates.ts";
export {
  ImperativeWorkflow,
  type ImperativeWorkflowOptions,
  imperativeWorkflow,
} from "./graph/imperative-workflow.ts";
export type { FailurePolicy } from "./graph/node.ts";
export { NodeOutput } from "./graph/node-output.ts";
export type { NodeOverrides } from "./graph/node-overrides.ts";
export { type Workflow, type WorkflowDefinition, type WorkflowInputs, workflow } from "./graph/workflow.ts";
export { type LaunchPlan, type LaunchPlanDefinition, launchPlan } from "./launch-plan/launch-plan.ts";
export type {
  Concurrency,
  ExecutionSecurity,
  LaunchPlanOptions,
  Notification,
  NotificationPhase,
} from "./launch-plan/launch-plan-options.ts";
export type { CronSchedule, RateSchedule, Schedule } from "./launch-plan/schedule.ts";
export { type Accelerator, accelerators, type PartitionedAccelerator } from "./pod/accelerators.ts";
export type { PodContainer, PodSpec, PodTemplate } from "./pod/pod-template.ts";
export type { ResourceAmounts, Resources } from "./pod/resources.ts";
export { type ContainerTaskDefinition, containerTask, type RawContainerTask } from "./program/raw-container-task.ts";
export { type ShellTask, type ShellTaskDefinition, shellTask } from "./program/shell-task.ts";
export type { ReferenceDefinition, StandIn } from "./reference/reference-entity.ts";
export { type ReferenceLaunchPlan, referenceLaunchPlan } from "./reference/reference-launch-plan.ts";
export { type ReferenceTask, referenceTask } from "./reference/reference-task.ts";
export { type ReferenceWorkflow, referenceWorkflow } from "./reference/reference-workflow.ts";
export { BaseSensor } from "./sensor/base-sensor.ts";
export {
  type Found,
  found,
  type NotYet,
  notYet,
  type PollAnswer,
  type PollContext,
  type PollRequest,
} from "./sensor/sensor.ts";
export {
  type AnySensorTask,
  type BaseSensorDefinition,
  type PollFunction,
  type SensorDefinition,
  sensor,
  sensorTaskOf,
} from "./sensor/sensor-definition.ts";
export type { WaitOptions } from "./sensor/wait-options.ts";
export type { QueryOutput, QueryOutputs, QueryRow } from "./sql/query-outputs.ts";
export type { Docs } from "./task/docs.ts";
export {
  type DynamicDefinition,
  type DynamicOutput,
  type DynamicOutputs,
  type DynamicTask,
  dynamic,
} from "./task/dynamic-task.ts";
export { exportedEntities, findTask, isEntity } from "./task/find-task.ts";
export {
  type ConfiguredTaskDefinition,
  type FunctionTask,
  type TaskDefinition,
  type TaskFunction,
  task,
} from "./task/function-task.ts";
export type { MapOptions } from "./task/map-options.ts";
export {
  type ListOf,
  type MappableTask,
  type MappedInputs,
  type MappedOutputs,
  type MapResult,
  type MapTask,
  type MayFail,
  mapTask,
} from "./task/map-task.ts";
export type { CacheOptions, SecretRequest, TaskOptions } from "./task/task-metadata.ts";
export type { DatasetType, RowOf, SchemaType } from "./types/datasets.ts";
export type { WorkflowFailure } from "./types/failure.ts";
export { FlyteDirectory, FlyteFile } from "./types/file-values.ts";
export { PreciseDate } from "./types/precise-date.ts";
export type { StandardSchema } from "./types/standard-schema.ts";
export { t } from "./types/t.ts";
export type { AcceptedOf, AnyType, NativeOf, Types } from "./types/type-transformer.ts";
export { LaunchPlanMessage, TaskSpec, WorkflowSpec } from "./wire/admin-messages.ts";
export type { FastRegistration, SerializationSettings } from "./wire/serialization-settings.ts";
