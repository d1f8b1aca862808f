/**
 * For authors of plugins and for hosts: the contracts, and what it takes to fulfil them.
 * @module
 */
export type { DynamicPlace } from "./compile/dynamic-job.ts";
export {
  type AsyncConnector,
  type Connector,
  isSyncConnector,
  type LogLine,
  type LogPage,
  type MetricResult,
  type SyncConnector,
} from "./connector/connector.ts";
export type {
  Connection,
  ConnectorContext,
  ConnectorSecrets,
  CreateContext,
  ExecutionMetadata,
  JobContext,
  LogsContext,
  MetricsContext,
  TaskCategory,
} from "./connector/connector-context.ts";
export { ConnectorRegistry, type RegisteredConnector } from "./connector/connector-registry.ts";
export type { ConnectorWatch } from "./connector/connector-watch.ts";
export { isTerminal, type Phase, phaseNumbers } from "./connector/phase.ts";
export type { LogLink, Resource } from "./connector/resource.ts";
export { maxResourceMetaBytes, metaSchema, type ResourceMetaDeclaration } from "./connector/resource-meta.ts";
export { Secret } from "./connector/secret.ts";
export { type TimeLimit, withinTime } from "./connector/within-time.ts";
export { connectorSecrets } from "./connector-calls/call-secrets.ts";
export { type ConnectorHostLimits, type ConnectorHostOptions, defaultLimits } from "./connector-calls/host-options.ts";
export type { HostCall, JobAnswer, JobReference, TaskRequest } from "./connector-calls/host-request.ts";
export { type AttemptIdentity, type AttemptKeys, attemptKeys } from "./connector-calls/idempotency-key.ts";
export { ConnectorHost, type LogsRequest, type MetricsRequest } from "./connector-host/connector-host.ts";
export { ConnectorExecutor } from "./connector-task/connector-executor.ts";
export { AsyncConnectorTask, SyncConnectorTask } from "./connector-task/connector-task.ts";
export type { Checkpoint } from "./context/checkpoint.ts";
export { type Clock, type SleepOptions, systemClock } from "./context/clock.ts";
export { DeckPage } from "./context/deck-page.ts";
export { EnvironmentSecrets, type EnvironmentSecretsOptions } from "./context/environment-secrets.ts";
export { FlyteContext, type FlyteContextOptions } from "./context/flyte-context.ts";
export { type Log, type LogLevel, lineLog, silentLog } from "./context/log.ts";
export { type SecretName, type Secrets, secretNameIssue } from "./context/secrets.ts";
export { StorageCheckpoint, type StorageCheckpointOptions } from "./context/storage-checkpoint.ts";
export type { ConversionContext, Deck, ExecutionIdentity, TaskContext } from "./context/task-context.ts";
export { type ConfigClass, type ConfiguredTaskParts, type TaskClass, TaskPlugins } from "./context/task-plugins.ts";
export { type AnyRow, Dataset, type DatasetOptions, type OpenDatasetOptions } from "./dataset/dataset.ts";
export type { DatasetFormat, DatasetFormatContext, DatasetReader, DatasetSource } from "./dataset/dataset-format.ts";
export {
  type DatasetFormatLoader,
  DatasetStore,
  datasetFile,
  datasetFileName,
  type FindTables,
} from "./dataset/dataset-store.ts";
export type { CellValue, NativeColumn } from "./dataset/native-column.ts";
export type { ColumnSchema, ColumnType, RecordBatch, Vector } from "./dataset/record-batch.ts";
export type { DatasetContext } from "./dataset/stored-source.ts";
export { problemsIn, throwProblems } from "./errors/all-problems.ts";
export { askedWait, retryAfterMs } from "./errors/asked-wait.ts";
export {
  FlyteError,
  type FlyteErrorCode,
  type FlyteErrorKind,
  type FlyteErrorOptions,
  type FlyteErrorReason,
} from "./errors/flyte-error.ts";
export { IgnoreOutputs } from "./errors/ignore-outputs.ts";
export { checkKnown } from "./errors/known-options.ts";
export { nearest } from "./errors/nearest.ts";
export { type Branch, type BranchCase, type BranchElse, isBranch } from "./graph/branch.ts";
export type { Comparator, ConditionExpression, Operand } from "./graph/condition.ts";
export { defined, namingTask } from "./graph/defined.ts";
export type { AnyEntity } from "./graph/entity.ts";
export { type Gate, type GateCondition, isGate } from "./graph/gate.ts";
export { type Binding, type Graph, type Node, outputsIn, upstreamOf } from "./graph/node.ts";
export type { NodeOutput } from "./graph/node-output.ts";
export {
  entityKind,
  isLaunchPlan,
  isReference,
  isTask,
  isWorkflow,
  reachable,
  subWorkflows,
} from "./graph/reachable.ts";
export type { AnyLaunchPlan } from "./launch-plan/launch-plan.ts";
export { type AttemptOptions, type AttemptRun, runAttempts } from "./local/attempts.ts";
export { type LocalContextOptions, localTaskContext } from "./local/local-context.ts";
export type { ExecuteTask, GateHandler, LocalRunOptions, NodeEvent, WaitingGate } from "./local/local-run.ts";
export { elementInputs, type Mapping, mapElements } from "./local/map-elements.ts";
export { runGraph, runWorkflowHere } from "./local/run-workflow.ts";
export { definePlugin, type PluginManifest, type PluginProvides, servedSpecVersions } from "./plugin/define-plugin.ts";
export { entryUrl, type FoundPackage, findPackage, type PackageManifest } from "./plugin/find-package.ts";
export {
  defaultImageRegistry,
  imageRegistryVariable,
  type PluginImageOptions,
  pluginImage,
} from "./plugin/image.ts";
export { type LoadPluginsOptions, loadPlugins, pluginPackages, pluginsVariable } from "./plugin/load-plugins.ts";
export { type PackageInfo, packageInfo } from "./plugin/package-info.ts";
export { type BrokenPlugin, PluginSet } from "./plugin/plugin-set.ts";
export { type FoundProjectConfig, type ProjectConfig, projectConfig } from "./plugin/project-config.ts";
export { BaseSensor } from "./sensor/base-sensor.ts";
export { type PollFigures, PollScheduler } from "./sensor/poll-scheduler.ts";
export {
  type Found,
  found,
  type NotYet,
  notYet,
  type PollAnswer,
  type PollContext,
  type PollRequest,
  type Sensor,
} from "./sensor/sensor.ts";
export {
  SensorConnector,
  type SensorConnectorOptions,
  type SensorMeta,
  sensorEngine,
  sensorTaskType,
} from "./sensor/sensor-connector.ts";
export { SensorConnectorTask, type SensorConnectorTaskOptions } from "./sensor/sensor-connector-task.ts";
export type { SoftOutputs } from "./sensor/sensor-outputs.ts";
export type { SensorTaskParts } from "./sensor/sensor-setup.ts";
export { type SensorContainerOptions, SensorTask } from "./sensor/sensor-task.ts";
export { type Wait, type WaitOptions, waitOf } from "./sensor/wait-options.ts";
export type { PollSurroundings, Waiting, WaitOutcome, WaitParts } from "./sensor/waiting.ts";
export { findPlaceholders, type Placeholder, positionOf, queryProblem, unusedInput } from "./sql/placeholders.ts";
export { queryOutputs } from "./sql/query-outputs.ts";
export { cutSql, keywordOf, type QuoteEscape, SqlPlace, type SqlToken, significant } from "./sql/tokens.ts";
export { abortable } from "./storage/abortable.ts";
export { type DownloadFileOptions, downloadFile } from "./storage/download-file.ts";
export {
  downloadFolder,
  type FolderOptions,
  type Transferred,
  uploadFile,
  uploadFolder,
} from "./storage/folder-transfer.ts";
export { type Glob, glob, isGlob, parseGlob } from "./storage/glob.ts";
export { inParallel } from "./storage/in-parallel.ts";
export {
  type ContentHashOptions,
  contentHash,
  type DeleteFolderOptions,
  deleteFolder,
  exists,
} from "./storage/object-operations.ts";
export type {
  ListOptions,
  ObjectStat,
  ReadOptions,
  Storage,
  StorageOptions,
  WriteBody,
  WriteOptions,
} from "./storage/storage.ts";
export { type DownloadOptions, type StorageLoader, StorageRegistry } from "./storage/storage-registry.ts";
export { outputUri, uniqueName } from "./storage/unique-name.ts";
export { joinUri, schemeOf } from "./storage/uri.ts";
export { AutoContainerTask, moduleResolverName } from "./task/auto-container-task.ts";
export { type ContainerOptions, containerOptionNames } from "./task/container-options.ts";
export type { ExecutableTask } from "./task/executable-task.ts";
export { exportedEntities, findTask, isEntity } from "./task/find-task.ts";
export { FunctionTask, type FunctionTaskParts } from "./task/function-task.ts";
export { InstanceTask } from "./task/instance-task.ts";
export { mapResolverName } from "./task/map-task.ts";
export { type ContainerSettings, settingsFrom, settingsText, settingsVariable } from "./task/settings-variable.ts";
export { ShimTask } from "./task/shim-task.ts";
export type { ShimTaskExecutor } from "./task/shim-task-executor.ts";
export { taskOptionNames } from "./task/task-metadata.ts";
export type { ResolverContext, TaskResolver } from "./task/task-resolver.ts";
export {
  TemplateTask,
  type TemplateTaskOptions,
  type TemplateTaskPlugin,
  templateResolverName,
} from "./task/template-task.ts";
export { toNatives } from "./types/conversion.ts";
export { columnsOf } from "./types/datasets.ts";
export { FlyteDirectory, FlyteFile } from "./types/file-values.ts";
export { type Plain, PlainFloat } from "./types/plain.ts";
export { dateOfNanoseconds, PreciseDate } from "./types/precise-date.ts";
export { pythonFloatText } from "./types/python-float.ts";
export { TypeEngine, type TypeGuess } from "./types/type-engine.ts";
export { formOf, type TypeForm } from "./types/type-form.ts";
export { typeLabel } from "./types/type-label.ts";
export {
  type AnyType,
  type Awaitable,
  hasDefault,
  type JsonSchema,
  simpleType,
  type Types,
  TypeTransformer,
} from "./types/type-transformer.ts";
export type { Codec } from "./wire/codec.ts";
export { type ErrorDocumentOptions, fromErrorDocument, toErrorDocument } from "./wire/error-document.ts";
export {
  DynamicJobSpec,
  ErrorDocument,
  InterfaceMessage,
  Literal,
  LiteralMap,
  LiteralType,
  TaskTemplate,
} from "./wire/messages.ts";
export type { FastRegistration, SerializationSettings } from "./wire/serialization-settings.ts";
