import type { AsyncConnector, SyncConnector } from "../connector/connector.ts";
import type { SecretName } from "../context/secrets.ts";
import type { LiteralMap, TaskTemplate } from "../wire/messages.ts";
import type { SyncVendorDouble, VendorDouble } from "./vendor-double.ts";

/** A task, and what it is called with. */
export interface SubjectTask {
  /** A task of the connector's; it must declare outputs, if the connector's tasks can have any. */
  readonly template: TaskTemplate;
  /** Native values of the types that the template's interface guesses. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Asserts that the outputs are those of this task; `undefined` where it declares none. */
  readonly check: (outputs: LiteralMap | undefined) => Promise<void> | void;
  /** The text of a secret that the connector asks for, with `canary` in it; the canary alone by default. */
  readonly secretText?: ((name: SecretName, canary: string) => string) | undefined;
  /**
   * Milliseconds of the real world that an answer of the double may take, 5 by default: before they are over, no time
   * passes by the suite's clock. More for a double behind a socket.
   */
  readonly patienceMs?: number | undefined;
  /** Called when the case is over. */
  readonly close?: (() => Promise<void>) | undefined;
}

/** A meta as an earlier version of the connector wrote it. */
export interface OlderMeta {
  readonly version: number;
  /** Makes one of the JSON of a meta of today. */
  of(meta: unknown): unknown;
}

/** A connector under test, with its task and the vendor behind it. Every case asks for a new one. */
export interface ConnectorSubject extends SubjectTask {
  readonly connector: AsyncConnector;
  /** Makes the connector anew, as a process that was restarted does. Without it the one instance serves all processes. */
  readonly restarted?: (() => AsyncConnector) | undefined;
  readonly vendor: VendorDouble;
  /** The names of the connection's secrets that the connector uses, where Flyte v2 sends any. */
  readonly connectionSecrets?: readonly string[] | undefined;
  /** One for every version before the declared one. */
  readonly olderMetas?: readonly OlderMeta[] | undefined;
}

/** A connector that answers at once, under test. Every case asks for a new one. */
export interface SyncConnectorSubject extends SubjectTask {
  readonly connector: SyncConnector;
  readonly vendor: SyncVendorDouble;
}
