"""flytekit's connector service with a connector that does nothing, as `pyflyte serve connector` starts it."""

import asyncio
import socket
from dataclasses import dataclass

import flyteidl.core.execution_pb2 as execution
from flytekit.clis.sdk_in_container.serve import _start_grpc_server
from flytekit.extend.backend.base_connector import AsyncConnectorBase, ConnectorRegistry, Resource, ResourceMeta


@dataclass
class Meta(ResourceMeta):
    id: str


class Bench(AsyncConnectorBase):
    name = "Bench"

    def __init__(self):
        super().__init__(task_type_name="bench", metadata_type=Meta)

    async def create(self, **kwargs):
        return Meta("job-0123456789")

    async def get(self, resource_meta, **kwargs):
        link = execution.TaskLog(uri="https://console.example/jobs/job-0123456789", name="Console")
        return Resource(phase=execution.TaskExecution.RUNNING, message="running", log_links=[link])

    async def delete(self, resource_meta, **kwargs):
        return None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


ConnectorRegistry.register(Bench())
port = free_port()
print(f"port {port}", flush=True)
asyncio.run(_start_grpc_server("Connector", port, free_port(), 10, None))
