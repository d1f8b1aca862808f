import type { ContractTest } from "./contract-test.ts";
import { storageReadCases } from "./storage-read-cases.ts";
import type { StorageSubjectFactory } from "./storage-subject.ts";
import { storageWriteCases } from "./storage-write-cases.ts";

/** What the suite of `Storage` needs. */
export interface StorageContractOptions {
  /** Takes the cases. */
  readonly test: ContractTest;
  /** Makes the store under test, anew for every case. */
  readonly subject: StorageSubjectFactory;
}

/**
 * What every implementation of `Storage` does: reads, ranges, listing, whole writes, removal, aborts, errors. What a
 * subject with `put` is not able to do has to be refused as `Unsupported`; no case is left out.
 */
export function storageContract({ test, subject }: StorageContractOptions): void {
  storageReadCases(test, subject);
  storageWriteCases(test, subject);
}
