/**
 * The suites that every implementation of a contract passes, and what tests of plugins are built of. They bring no test
 * runner: `test` is an argument.
 * @module
 */
export { type LocalContextOptions, localTaskContext } from "./local/local-context.ts";
export {
  type CallChanges,
  createContext,
  jobContext,
  literalsOf,
  type RequestChanges,
  type TemplateParts,
  taskRequest,
  templateOf,
} from "./testing/connector-calls.ts";
export {
  type ConnectorContractOptions,
  connectorContract,
  type SyncConnectorContractOptions,
  syncConnectorContract,
} from "./testing/connector-contract.ts";
export type { ConnectorSubject, OlderMeta, SubjectTask, SyncConnectorSubject } from "./testing/connector-subject.ts";
export type { ContractTest } from "./testing/contract-test.ts";
export { failureOf } from "./testing/failure-of.ts";
export { ManualClock } from "./testing/manual-clock.ts";
export { selfSigned } from "./testing/self-signed.ts";
export { type SensorContractOptions, sensorContract } from "./testing/sensor-contract.ts";
export type { SensorSubject, SensorWorld, WorldFault } from "./testing/sensor-subject.ts";
export {
  type ShimExecutorContractOptions,
  type ShimExecutorRun,
  type ShimExecutorSubject,
  shimExecutorContract,
} from "./testing/shim-executor-contract.ts";
export { type StorageContractOptions, storageContract } from "./testing/storage-contract.ts";
export type { StorageSubject, StorageSubjectFactory } from "./testing/storage-subject.ts";
export type {
  SyncVendorDouble,
  VendorDouble,
  VendorFault,
  VendorFaultKind,
  VendorJob,
  VendorJobState,
  VendorOperation,
} from "./testing/vendor-double.ts";
