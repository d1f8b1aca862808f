import type { ConnectorHost, ConnectorRegistry, HostCall, JobAnswer, JobReference } from "@flyte-ts/core/plugin";
import type { Server } from "@grpc/grpc-js";
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
import { type AnswerMany, type AnswerOne, type AnswerStream, byteService, type Dispatcher } from "./dispatcher.ts";
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
export function addTaskServices(server: Server, dispatcher: Dispatcher, parts: TaskServiceParts): void {
  for (const generation of ["v1", "v2"] as const) {
    addAsyncService(server, dispatcher, parts, generation);
    addMetadataService(server, dispatcher, parts, generation);
  }
  const path = `/${serviceNames.v1.sync}/ExecuteTaskSync`;
  const definition = byteService(serviceNames.v1.sync, {
    ExecuteTaskSync: { requestStream: true, responseStream: true },
  });
  server.addService(definition, { ExecuteTaskSync: dispatcher.bidiStream(path, "do", executeTaskSync(parts)) });
}

function addAsyncService(
  server: Server,
  dispatcher: Dispatcher,
  parts: TaskServiceParts,
  generation: Generation,
): void {
  const name = serviceNames[generation].async;
  const unary = (method: string, operation: string, answer: AnswerOne) =>
    dispatcher.unary(`/${name}/${method}`, operation, answer);
  const definition = byteService(name, {
    CreateTask: {},
    GetTask: {},
    DeleteTask: {},
    GetTaskMetrics: {},
    GetTaskLogs: { responseStream: true },
  });
  server.addService(definition, {
    CreateTask: unary("CreateTask", "create", createTask(parts)),
    GetTask: unary("GetTask", "get", getTask(parts, generation)),
    DeleteTask: unary("DeleteTask", "delete", deleteTask(parts)),
    GetTaskMetrics: unary("GetTaskMetrics", "metrics", getTaskMetrics(parts)),
    GetTaskLogs: dispatcher.serverStream(`/${name}/GetTaskLogs`, "logs", getTaskLogs(parts, generation)),
  });
}

function addMetadataService(
  server: Server,
  dispatcher: Dispatcher,
  { registry }: TaskServiceParts,
  generation: Generation,
): void {
  const name = serviceNames[generation].metadata;
  const [one, all] = generation === "v1" ? ["GetAgent", "ListAgents"] : ["GetConnector", "ListConnectors"];
  const describe: AnswerOne = async (bytes) => describeMessage(registry.metadata(readName(bytes)), generation);
  server.addService(byteService(name, { [one]: {}, [all]: {} }), {
    [one]: dispatcher.unary(`/${name}/${one}`, "describe", describe),
    [all]: dispatcher.unary(`/${name}/${all}`, "list", async () => listMessage(registry.list(), generation)),
  });
}

const createTask =
  ({ host }: TaskServiceParts): AnswerOne =>
  async (bytes, rpc) => {
    const request = readCreateRequest(bytes);
    const category = readTemplateCategory(request.template ?? noBytes);
    rpc.taskType = category.name;
    rpc.inputBytes = request.inputs?.length;
    return createTaskResponse(await host.create(taskRequest(request, category), hostCall(rpc)));
  };

const getTask = ({ host, registry }: TaskServiceParts, generation: Generation): AnswerOne => {
  // polls of one job between two answers of the vendor get the same object, and so the same bytes
  const encoded = new WeakMap<JobAnswer, Buffer>();
  return async (bytes, rpc) => {
    const answer = await host.get(jobReference(bytes, rpc, registry), hostCall(rpc));
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
    await host.delete(jobReference(bytes, rpc, registry), hostCall(rpc));
    return deleteTaskResponse;
  };

const getTaskMetrics =
  ({ host, registry }: TaskServiceParts): AnswerOne =>
  async (bytes, rpc) => {
    const request = readMetricsRequest(bytes);
    rpc.taskType = request.category.name;
    registry.get(rpc.taskType);
    return metricsMessage(await host.metrics(request, hostCall(rpc)));
  };

const getTaskLogs = ({ host, registry }: TaskServiceParts, generation: Generation): AnswerMany =>
  async function* (bytes, rpc) {
    const request = readLogsRequest(bytes);
    rpc.taskType = request.category.name;
    registry.get(rpc.taskType);
    yield* logsMessages(await host.logs(request, hostCall(rpc)), generation);
  };

const executeTaskSync = ({ host }: TaskServiceParts): AnswerStream =>
  async function* (requests, rpc) {
    const request = await readSyncRequest(requests, rpc);
    yield executeTaskSyncResponse(await host.do(request, hostCall(rpc)));
  };

function jobReference(bytes: Uint8Array, rpc: Rpc, registry: ConnectorRegistry): JobReference {
  const { connection, outputPrefix, ...job } = readJobRequest(bytes);
  rpc.taskType = job.category.name;
  // before anything is said of the rest: a type that is not served here has its own status
  registry.get(rpc.taskType);
  return {
    ...job,
    outputPrefix: outputPrefix === "" ? undefined : outputPrefix,
    connection: connection === undefined ? undefined : readConnection(connection),
  };
}

/** What a host is told of a caller; the signal is made when it is asked for, which few calls come to. */
function hostCall(rpc: Rpc): HostCall {
  return {
    deadlineMs: rpc.deadline === undefined ? undefined : Math.max(0, rpc.deadline - Date.now()),
    get signal() {
      return rpc.signal;
    },
  };
}

const noBytes: Uint8Array = new Uint8Array();
