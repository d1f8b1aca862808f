"""Calls a connector service without a pause while others replace it, for as long as they say.

Reads {"port": N, "seconds": S}, prints {"calls": N, "failed": [the statuses of calls that failed]}.
"""

import json
import sys
import time

import grpc
from flyteidl.admin import agent_pb2
from flyteidl.service import agent_pb2_grpc

given = json.load(sys.stdin)
channel = grpc.insecure_channel(f"127.0.0.1:{given['port']}", options=[("grpc.enable_http_proxy", 0)])
metadata = agent_pb2_grpc.AgentMetadataServiceStub(channel)
until = time.monotonic() + given["seconds"]
calls, failed = 0, []
while time.monotonic() < until:
    try:
        metadata.ListAgents(agent_pb2.ListAgentsRequest(), timeout=20)
    except grpc.RpcError as error:
        failed.append(f"{error.code().name}: {error.details()}")
    calls += 1
channel.close()
json.dump({"calls": calls, "failed": failed}, sys.stdout)
