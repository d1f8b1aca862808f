import { create, toBinary } from "@bufbuild/protobuf";
import type { RegisteredConnector } from "@flyte-ts/core/plugin";
import { AgentSchema, GetAgentResponseSchema, ListAgentsResponseSchema } from "@flyte-ts/idl/admin";
import { ConnectorSchema, GetConnectorResponseSchema, ListConnectorsResponseSchema } from "@flyte-ts/idl/v2/connector";
import { FieldReader } from "./field-reader.ts";
import type { Generation } from "./resource-message.ts";

/**
 * Propeller keeps one version of a listed task type, the last one, and asks for the others all the same; so each type is
 * listed once, and every version of it served.
 */
const listedVersion = 0;

/** The answer to `ListAgents` or `ListConnectors`, the same types in both: v2 runs as jobs what answers at once. */
export function listMessage(connectors: readonly RegisteredConnector[], generation: Generation): Uint8Array {
  if (generation === "v1") {
    return toBinary(ListAgentsResponseSchema, create(ListAgentsResponseSchema, { agents: connectors.map(agent) }));
  }
  const answer = create(ListConnectorsResponseSchema, { connectors: connectors.map(connectorOf) });
  return toBinary(ListConnectorsResponseSchema, answer);
}

/** The answer to `GetAgent` or `GetConnector`. */
export function describeMessage(connector: RegisteredConnector, generation: Generation): Uint8Array {
  return generation === "v1"
    ? toBinary(GetAgentResponseSchema, create(GetAgentResponseSchema, { agent: agent(connector) }))
    : toBinary(GetConnectorResponseSchema, create(GetConnectorResponseSchema, { connector: connectorOf(connector) }));
}

/** The name that a `GetAgentRequest` or `GetConnectorRequest` asks for. */
export function readName(bytes: Uint8Array): string {
  let name = "";
  for (const reader = new FieldReader(bytes); reader.next(); ) if (reader.field === 1) name = reader.text();
  return name;
}

const categories = (taskTypes: readonly string[]) => taskTypes.map((name) => ({ name, version: listedVersion }));

/** Both the older list of names and the categories, as propeller reads both. */
const agent = ({ connector, taskTypes, isSync }: RegisteredConnector) =>
  create(AgentSchema, {
    name: connector.name,
    isSync,
    supportedTaskTypes: [...taskTypes],
    supportedTaskCategories: categories(taskTypes),
  });

const connectorOf = ({ connector, taskTypes }: RegisteredConnector) =>
  create(ConnectorSchema, { name: connector.name, supportedTaskCategories: categories(taskTypes) });
