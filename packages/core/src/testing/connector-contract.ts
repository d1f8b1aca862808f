import { connectorCareCases } from "./connector-care-cases.ts";
import { connectorCreateCases } from "./connector-create-cases.ts";
import { connectorDeleteCases } from "./connector-delete-cases.ts";
import { connectorGetCases } from "./connector-get-cases.ts";
import type { ConnectorSubject, SyncConnectorSubject } from "./connector-subject.ts";
import type { ContractTest } from "./contract-test.ts";
import { syncConnectorCases } from "./sync-connector-cases.ts";

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
  connectorCreateCases(test, subject);
  connectorGetCases(test, subject);
  connectorDeleteCases(test, subject);
  connectorCareCases(test, subject);
}

/** What the suite of `SyncConnector` needs. */
export interface SyncConnectorContractOptions {
  /** Takes the cases. */
  readonly test: ContractTest;
  /** Makes the connector under test, anew for every case. */
  readonly subject: () => Promise<SyncConnectorSubject>;
}

/** What every connector that answers at once does behind a host: as `connectorContract`, as far as there are no jobs. */
export function syncConnectorContract({ test, subject }: SyncConnectorContractOptions): void {
  syncConnectorCases(test, subject);
}
