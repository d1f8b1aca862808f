"""flyte-sdk's own connector service, with the connector that interop/src/connectors/scripted-connectors.ts has for ours.

Prints `port N` when it serves.
"""

import asyncio
import socket
import uuid
from concurrent import futures
from dataclasses import dataclass

from flyte.connectors import AsyncConnector, ConnectorRegistry, Resource, ResourceMeta
from flyte.connectors._grpc import grpc
from flyte.connectors._server import AsyncConnectorService, ConnectorMetadataService
from flyteidl2.connector import connector_pb2
from flyteidl2.connector.service_pb2_grpc import (
    add_AsyncConnectorServiceServicer_to_server,
    add_ConnectorMetadataServiceServicer_to_server,
)
from flyteidl2.core.execution_pb2 import TaskExecution, TaskLog
from flyteidl2.core.metrics_pb2 import ExecutionMetricResult
from flyteidl2.logs.dataplane.payload_pb2 import LogLine
from google.protobuf import struct_pb2, timestamp_pb2


@dataclass
class Meta(ResourceMeta):
    id: str
    mode: str
    n: int


class Scripted(AsyncConnector):
    name = "Scripted"
    task_type_name = "scripted"
    metadata_type = Meta
    polls = {}
    deleted = set()

    async def create(self, task_template, output_prefix, inputs=None, task_execution_metadata=None, **kwargs):
        if kwargs and kwargs != {"token": "hunter2-hunter2", "region": "eu"}:
            raise ValueError(f"a strange connection: {kwargs}")
        mode = task_template.custom["mode"] if "mode" in task_template.custom else "run"
        return Meta(f"job-{uuid.uuid4()}", mode, (inputs or {}).get("n", 0))

    async def get(self, resource_meta, **kwargs):
        polls = self.polls[resource_meta.id] = self.polls.get(resource_meta.id, 0) + 1
        links = [TaskLog(uri="https://vendor.example/job", name="Job")]
        if resource_meta.id in self.deleted:
            return Resource(TaskExecution.ABORTED, message="cancelled")
        if polls == 1 or resource_meta.mode == "run":
            return Resource(TaskExecution.RUNNING, message="it runs", log_links=links, custom_info={"polls": polls})
        if resource_meta.mode == "fail":
            return Resource(TaskExecution.FAILED, message="the query is wrong", log_links=links)
        if resource_meta.mode == "retry":
            return Resource(TaskExecution.RETRYABLE_FAILED, message="the backend broke", log_links=links)
        outputs = {"doubled": 2 * resource_meta.n, "text": f"n is {resource_meta.n}"}
        return Resource(TaskExecution.SUCCEEDED, log_links=links, outputs=outputs)

    async def delete(self, resource_meta, **kwargs):
        self.deleted.add(resource_meta.id)

    async def get_metrics(self, resource_meta, **kwargs):
        data = struct_pb2.Struct()
        data.update({"resultType": "matrix", "result": []})
        return connector_pb2.GetTaskMetricsResponse(results=[ExecutionMetricResult(metric="cpu", data=data)])

    async def get_logs(self, resource_meta, token="", **kwargs):
        at = timestamp_pb2.Timestamp(seconds=1_700_000_000, nanos=500_000_000)
        page = {"": [("one\n", at, 1), ("two\n", at, 1)], "2": [("three\n", None, 0)]}[token]
        lines = [LogLine(message=message, timestamp=when, originator=who) for message, when, who in page]
        header = connector_pb2.GetTaskLogsResponseHeader(token="2" if token == "" else "")
        yield connector_pb2.GetTaskLogsResponse(header=header)
        yield connector_pb2.GetTaskLogsResponse(body=connector_pb2.GetTaskLogsResponseBody(lines=lines))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def serve():
    ConnectorRegistry.register(Scripted())
    server = grpc.aio.server(futures.ThreadPoolExecutor(max_workers=4))
    add_AsyncConnectorServiceServicer_to_server(AsyncConnectorService(), server)
    add_ConnectorMetadataServiceServicer_to_server(ConnectorMetadataService(), server)
    port = free_port()
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    print(f"port {port}", flush=True)
    await server.wait_for_termination()


asyncio.run(serve())
