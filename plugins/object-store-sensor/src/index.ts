/**
 * A Flyte task that waits for files in an object store.
 * @module
 */
export type { ObjectStoreConditions } from "./conditions.ts";
export { ObjectStoreSensor, ObjectStoreSensorByConnector } from "./configured-task.ts";
export type { PathsVariables, PathVariables } from "./sensor.ts";
export {
  type ObjectStoreInputs,
  type ObjectStoreOutputs,
  type ObjectStoreWait,
  type Paths,
  WaitForObjectStoreFile,
  WaitForObjectStoreFileByConnector,
  type WaitForObjectStoreFileByConnectorOptions,
  type WaitForObjectStoreFileOptions,
  waitForObjectStoreFile,
} from "./task.ts";
export { connectorTaskType, containerTaskType } from "./task-types.ts";
