import { FlyteError } from "../errors/flyte-error.ts";
import { nearest } from "../errors/nearest.ts";
import { type Connector, isSyncConnector } from "./connector.ts";
import { connectorIssue } from "./connector-issue.ts";

/** A connector, and the task types that it serves. */
export interface RegisteredConnector {
  readonly connector: Connector;
  readonly taskTypes: readonly string[];
  /** True for a connector that answers at once (`Agent.is_sync`). */
  readonly isSync: boolean;
}

/** The connectors of a process by task type. Every version of a task type is its connector's. */
export class ConnectorRegistry {
  readonly #connectors = new Map<string, Connector>();

  /**
   * Makes a connector serve a task type.
   * @throws FlyteError `InvalidDefinition` for what is no connector; for a type that another connector serves, unless `override` is set; for a type
   * that ends in `-pod`, which no connector serves.
   */
  register(taskType: string, connector: Connector, { override = false }: { readonly override?: boolean } = {}): void {
    const issue = connectorIssue(connector);
    if (issue !== undefined) {
      throw new FlyteError(
        "InvalidDefinition",
        `what is registered for the task type "${taskType}" is no connector: ${issue}`,
      );
    }
    if (taskType === "" || taskType.endsWith("-pod")) {
      const right =
        taskType === ""
          ? "it must have a name"
          : `types that end in -pod run in pods; register "${taskType.replace(/(?:-pod)+$/, "")}", whose executor drives this connector there`;
      throw new FlyteError(
        "InvalidDefinition",
        `the connector ${connector.name} cannot serve the task type "${taskType}": ${right}`,
      );
    }
    const other = this.#connectors.get(taskType);
    if (other !== undefined && other !== connector && !override) {
      throw new FlyteError(
        "InvalidDefinition",
        `the connectors ${other.name} and ${connector.name} both serve the task type "${taskType}": keep one of them, or override`,
      );
    }
    this.#connectors.set(taskType, connector);
  }

  has(taskType: string): boolean {
    return this.#connectors.has(taskType);
  }

  /** @throws FlyteError `UnknownTaskType` that lists the types that are served. */
  get(taskType: string): Connector {
    const connector = this.#connectors.get(taskType);
    if (connector !== undefined) return connector;
    const types = [...this.#connectors.keys()].sort();
    const near = nearest(taskType, types);
    throw new FlyteError(
      "UnknownTaskType",
      `no connector serves the task type "${taskType}"${near === undefined ? "" : `; did you mean "${near}"?`}; served are ${
        types.length === 0 ? "none" : types.map((type) => `"${type}"`).join(", ")
      }`,
    );
  }

  /**
   * A connector by its name, with its task types: what `GetAgent` and `GetConnector` ask for.
   * @throws FlyteError `NotFound` that lists the names.
   */
  metadata(name: string): RegisteredConnector {
    const all = this.list();
    const found = all.find(({ connector }) => connector.name === name);
    if (found !== undefined) return found;
    const names = all.map(({ connector }) => connector.name);
    const near = nearest(name, names);
    throw new FlyteError(
      "NotFound",
      `there is no connector with the name "${name}"${near === undefined ? "" : `; did you mean "${near}"?`}; there are ${
        names.length === 0 ? "none" : names.map((one) => `"${one}"`).join(", ")
      }`,
    );
  }

  /** Every connector once, with its task types, in the order of the connectors' names. */
  list(): readonly RegisteredConnector[] {
    const byConnector = Map.groupBy(this.#connectors, ([, connector]) => connector);
    return [...byConnector]
      .map(([connector, entries]) => ({
        connector,
        taskTypes: entries.map(([type]) => type).sort(),
        isSync: isSyncConnector(connector),
      }))
      .sort((a, b) => (a.connector.name < b.connector.name ? -1 : 1));
  }
}
