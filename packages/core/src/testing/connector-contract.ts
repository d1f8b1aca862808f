import type { ConnectorSubject, SyncConnectorSubject } from "./connector-subject.ts";
import type { ContractTest } from "./contract-test.ts";

/** What the suite of `AsyncConnector` needs. */
export interface ConnectorContractOptions {
  /** Takes the cases. */
  readonly test: ContractTest;
  /** Makes the connector under test, anew for every case. */
  readonly subject: () => Promise<ConnectorSubject>;
}

/**
 * What every connector that runs jobs does behind a host, with the vendor failing in every way: one job for each attempt
 * and none left behind, phases and messages that are right, no secret anywhere. The clock is the suite's: a connector
 * that waits does so by `ctx.clock`.
 */
export function connectorContract({ test, subject }: ConnectorContractOptions): void {
  test("a new subject has no jobs", async () => {
    const { vendor, close } = await subject();
    try {
      if (vendor.jobs().length > 0) throw new Error("the vendor of a new subject has jobs");
    } finally {
      await close?.();
    }
  });
}

/** What the suite of `SyncConnector` needs. */
export interface SyncConnectorContractOptions {
  /** Takes the cases. */
  readonly test: ContractTest;
  /** Makes the connector under test, anew for every case. */
  readonly subject: () => Promise<SyncConnectorSubject>;
}

/** What every connector that answers at once does behind a host. */
export function syncConnectorContract({ test, subject }: SyncConnectorContractOptions): void {
  test("a new subject has had no requests", async () => {
    const { vendor, close } = await subject();
    try {
      if (vendor.requests > 0) throw new Error("the vendor of a new subject has had requests");
    } finally {
      await close?.();
    }
  });
}
