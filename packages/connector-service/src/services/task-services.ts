import type { ConnectorHost, ConnectorRegistry, JobAnswer, JobReference } from "@flyte-ts/core/plugin";
import type { GrpcServer } from "../grpc/grpc-server.ts";
import { describeMessage, listMessage, readName } from "../wire/agent-messages.ts";
import { readConnection } from "../wire/connection.ts";
import { logsMessages, readLogsRequest } from "../wire/log-messages.ts";
import { metricsMessage, readMetricsRequest } from "../wire/metric-messages.ts";
import type { Generation } from "../wire/resource-message.ts";
import { readSyncRequest } from "../wire/sync-request.ts";
import { taskRequest } from "../wire/task-request.ts";
import { readCreateRequest, readJobRequest, readTemplateCategory } from "../wire/task-requests.ts";
import {
  createTaskResponse,
  deleteTaskResponse,
  executeTaskSyncResponse,
  getTaskResponse,
} from "../wire/task-responses.ts";
import type { AnswerMany, AnswerOne, AnswerStream, Dispatcher } from "./dispatcher.ts";
import type { Rpc } from "./rpc.ts";

/** The full names of the services of each generation. */
export const serviceNames = {
  v1: {
    async: "flyteidl.service.AsyncAgentService",
    metadata: "flyteidl.service.AgentMetadataService",
    sync: "flyteidl.service.SyncAgentService",
  },
  v2: { async: "flyteidl2.connector.AsyncConnectorService", metadata: "flyteidl2.connector.ConnectorMetadataService" },
} as const;

/** What the services answer from. */
export interface TaskServiceParts {
  readonly host: ConnectorHost;
  readonly registry: ConnectorRegistry;
}

/** Adds Flyte's five services, all of which are one host's in two languages. */
export function addTaskServices(server: GrpcServer, dispatcher: Dispatcher, parts: TaskServiceParts): void {
  for (const generation of ["v1", "v2"] as const) {
    addAsyncService(server, dispatcher, parts, generation);
    addMetadataService(server, dispatcher, parts, generation);
  }
  server.handle(`/${serviceNames.v1.sync}/ExecuteTaskSync`, dispatcher.bidiStream("do", executeTaskSync(parts)));
}

function addAsyncService(
  server: GrpcServer,
  dispatcher: Dispatcher,
  parts: TaskServiceParts,
  generation: Generation,
): void {
  const name = serviceNames[generation].async;
  server.handle(`/${name}/CreateTask`, dispatcher.unary("create", createTask(parts)));
  server.handle(`/${name}/GetTask`, dispatcher.unary("get", getTask(parts, generation)));
  server.handle(`/${name}/DeleteTask`, dispatcher.unary("delete", deleteTask(parts)));
  server.handle(`/${name}/GetTaskMetrics`, dispatcher.unary("metrics", getTaskMetrics(parts)));
  server.handle(`/${name}/GetTaskLogs`, dispatcher.serverStream("logs", getTaskLogs(parts, generation)));
}

function addMetadataService(
  server: GrpcServer,
  dispatcher: Dispatcher,
  { registry }: TaskServiceParts,
  generation: Generation,
): void {
  const name = serviceNames[generation].metadata;
  const [one, all] = generation === "v1" ? ["GetAgent", "ListAgents"] : ["GetConnector", "ListConnectors"];
  const describe: AnswerOne = async (bytes) => describeMessage(registry.metadata(readName(bytes)), generation);
  const list: AnswerOne = async () => listMessage(registry.list(), generation);
  server.handle(`/${name}/${one}`, dispatcher.unary("describe", describe));
  server.handle(`/${name}/${all}`, dispatcher.unary("list", list));
}

const createTask =
  ({ host }: TaskServiceParts): AnswerOne =>
  async (bytes, rpc) => {
    const request = readCreateRequest(bytes);
    const category = readTemplateCategory(request.template ?? noBytes);
    rpc.taskType = category.name;
    rpc.inputBytes = request.inputs?.length;
    return createTaskResponse(await host.create(taskRequest(request, category), rpc));
  };

const getTask = ({ host, registry }: TaskServiceParts, generation: Generation): AnswerOne => {
  // polls of one job between two answers of the vendor get the same object, and so the same bytes
  const encoded = new WeakMap<JobAnswer, Buffer>();
  return async (bytes, rpc) => {
    const answer = await host.get(jobReference(bytes, rpc, registry), rpc);
    let response = encoded.get(answer);
    if (response === undefined) {
      response = getTaskResponse(answer, generation);
      encoded.set(answer, response);
    }
    return response;
  };
};

const deleteTask =
  ({ host, registry }: TaskServiceParts): AnswerOne =>
  async (bytes, rpc) => {
    await host.delete(jobReference(bytes, rpc, registry), rpc);
    return deleteTaskResponse;
  };

const getTaskMetrics =
  ({ host, registry }: TaskServiceParts): AnswerOne =>
  async (bytes, rpc) => {
    const request = readMetricsRequest(bytes);
    rpc.taskType = request.category.name;
    registry.get(rpc.taskType);
    return metricsMessage(await host.metrics(request, rpc));
  };

const getTaskLogs = ({ host, registry }: TaskServiceParts, generation: Generation): AnswerMany =>
  async function* (bytes, rpc) {
    const request = readLogsRequest(bytes);
    rpc.taskType = request.category.name;
    registry.get(rpc.taskType);
    yield* logsMessages(await host.logs(request, rpc), generation);
  };

const executeTaskSync = ({ host }: TaskServiceParts): AnswerStream =>
  async function* (requests, rpc) {
    const request = await readSyncRequest(requests, rpc);
    yield executeTaskSyncResponse(await host.do(request, rpc));
  };

function jobReference(bytes: Uint8Array, rpc: Rpc, registry: ConnectorRegistry): JobReference {
  const { category, resourceMeta, connection, outputPrefix } = readJobRequest(bytes);
  rpc.taskType = category.name;
  // before anything is said of the rest: a type that is not served here has its own status
  registry.get(rpc.taskType);
  return {
    category,
    resourceMeta,
    outputPrefix: outputPrefix === "" ? undefined : outputPrefix,
    connection: connection === undefined ? undefined : readConnection(connection),
  };
}

const noBytes: Uint8Array = new Uint8Array();
