/**
 * The suites that every implementation of a contract passes. They bring no test runner: `test` is an argument.
 * @module
 */
export { type LocalContextOptions, localTaskContext } from "./local/local-context.ts";
export type { ContractTest } from "./testing/contract-test.ts";
export { FakeClock } from "./testing/fake-clock.ts";
export { ManualClock } from "./testing/manual-clock.ts";
export {
  type ShimExecutorContractOptions,
  type ShimExecutorRun,
  type ShimExecutorSubject,
  shimExecutorContract,
} from "./testing/shim-executor-contract.ts";
export { type StorageContractOptions, storageContract } from "./testing/storage-contract.ts";
export type { StorageSubject, StorageSubjectFactory } from "./testing/storage-subject.ts";
