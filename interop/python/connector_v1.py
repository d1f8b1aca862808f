"""Speaks with a connector service as Flyte v1 and its tools do: flytekit's stubs, grpc_health, a client of reflection.

Reads {"port": N, "prefix": the folder of outputs}, prints what came back.
"""

import json
import sys

import grpc
from flyteidl.admin import agent_pb2 as agent
from flyteidl.core import execution_pb2, identifier_pb2, interface_pb2, literals_pb2, tasks_pb2, types_pb2
from flyteidl.service import agent_pb2_grpc
from google.protobuf import descriptor_pool, json_format, struct_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

given = json.load(sys.stdin)
port, prefix = given["port"], given["prefix"]
channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)])
tasks = agent_pb2_grpc.AsyncAgentServiceStub(channel)
sync = agent_pb2_grpc.SyncAgentServiceStub(channel)
metadata = agent_pb2_grpc.AgentMetadataServiceStub(channel)
health = health_pb2_grpc.HealthStub(channel)


def as_json(message):
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def status(call):
    """The name and text of the status that a call ends with."""
    try:
        answer = call()
        return ["OK", as_json(answer[0] if isinstance(answer, list) else answer)]
    except grpc.RpcError as error:
        return [error.code().name, error.details()]


def template(task_type, mode, version=0):
    integer = interface_pb2.Variable(type=types_pb2.LiteralType(simple=types_pb2.INTEGER))
    text = interface_pb2.Variable(type=types_pb2.LiteralType(simple=types_pb2.STRING))
    custom = struct_pb2.Struct()
    custom.update({"mode": mode})
    return tasks_pb2.TaskTemplate(
        id=identifier_pb2.Identifier(project="p", domain="d", name="scripted", version="v1"),
        type=task_type,
        task_type_version=version,
        interface=interface_pb2.TypedInterface(
            inputs=interface_pb2.VariableMap(variables={"n": integer}),
            outputs=interface_pb2.VariableMap(variables={"doubled": integer, "text": text}),
        ),
        custom=custom,
    )


def execution(node):
    workflow = identifier_pb2.WorkflowExecutionIdentifier(project="p", domain="d", name="e")
    return agent.TaskExecutionMetadata(
        task_execution_id=identifier_pb2.TaskExecutionIdentifier(
            task_id=identifier_pb2.Identifier(project="p", domain="d", name="scripted", version="v1"),
            node_execution_id=identifier_pb2.NodeExecutionIdentifier(node_id=node, execution_id=workflow),
            retry_attempt=0,
        ),
        namespace="p-d",
        labels={"project": "p"},
        k8s_service_account="default",
    )


inputs = literals_pb2.LiteralMap(
    literals={"n": literals_pb2.Literal(scalar=literals_pb2.Scalar(primitive=literals_pb2.Primitive(integer=21)))}
)


def create(node, mode, task_type="scripted", version=0):
    return tasks.CreateTask(
        agent.CreateTaskRequest(
            inputs=inputs,
            template=template(task_type, mode, version),
            output_prefix=f"{prefix}/{node}/0",
            task_execution_metadata=execution(node),
        ),
        timeout=10,
    ).resource_meta


def about(meta, task_type="scripted"):
    return {"task_type": task_type, "task_category": agent.TaskCategory(name=task_type), "resource_meta": meta}


def get(meta, task_type="scripted"):
    return tasks.GetTask(agent.GetTaskRequest(**about(meta, task_type)), timeout=10).resource


def run(node, mode, polls=2, version=0, task_type="scripted"):
    """The resources of a job's polls."""
    meta = create(node, mode, task_type, version)
    return [as_json(get(meta, task_type)) for _ in range(polls)]


def sync_answers(task_type, mode, with_header=True):
    requests = [agent.ExecuteTaskSyncRequest(inputs=inputs)]
    if with_header:
        header = agent.CreateRequestHeader(
            template=template(task_type, mode), output_prefix=f"{prefix}/s/0", task_execution_metadata=execution("s")
        )
        requests.insert(0, agent.ExecuteTaskSyncRequest(header=header))
    return list(sync.ExecuteTaskSync(iter(requests), timeout=10))


answers = {}

database = ProtoReflectionDescriptorDatabase(channel)
services = sorted(database.get_services())
pool = descriptor_pool.DescriptorPool(database)
described = {
    name: sorted(method.name for method in pool.FindServiceByName(name).methods)
    for name in services
    if name.startswith("flyteidl")
}
answers["reflection"] = {"services": services, "methods": described}
answers["health"] = {
    name: health_pb2.HealthCheckResponse.ServingStatus.Name(
        health.Check(health_pb2.HealthCheckRequest(service=name), timeout=10).status
    )
    for name in ["", "connector/scripted", *(name for name in services if name.startswith("flyteidl"))]
}
answers["healthOfNobody"] = status(lambda: health.Check(health_pb2.HealthCheckRequest(service="nobody"), timeout=10))[0]
answers["agents"] = as_json(metadata.ListAgents(agent.ListAgentsRequest()))["agents"]
answers["agent"] = as_json(metadata.GetAgent(agent.GetAgentRequest(name="Scripted")).agent)

first, second = create("twice", "succeed"), create("twice", "succeed")
answers["sameMeta"] = first == second
answers["metaBytes"] = len(first)
answers["succeed"] = run("succeed", "succeed", polls=3)
answers["fail"] = run("fail", "fail")
answers["retry"] = run("retry", "retry")
answers["mapElement"] = run("element", "run", polls=1, version=1)
answers["syncMapElement"] = run("sync-element", "succeed", polls=1, version=1, task_type="scripted-sync")
meta = create("deleted", "run")
get(meta)
for _ in range(2):
    tasks.DeleteTask(agent.DeleteTaskRequest(**about(meta)), timeout=10)
answers["deleted"] = as_json(get(meta))
answers["sync"] = [as_json(answer) for answer in sync_answers("scripted-sync", "succeed")]
answers["syncFail"] = [as_json(answer) for answer in sync_answers("scripted-sync", "fail")]
answers["metrics"] = as_json(tasks.GetTaskMetrics(agent.GetTaskMetricsRequest(**about(meta), queries=["cpu"])))
answers["logs"] = [
    [as_json(part) for part in tasks.GetTaskLogs(agent.GetTaskLogsRequest(**about(meta), token=token))]
    for token in ["", "2"]
]

nobody = about(b"", "nobody")
answers["errors"] = {
    "create": status(lambda: tasks.CreateTask(agent.CreateTaskRequest(template=template("nobody", "run"), output_prefix=f"{prefix}/x"))),
    "get": status(lambda: tasks.GetTask(agent.GetTaskRequest(**nobody))),
    "delete": status(lambda: tasks.DeleteTask(agent.DeleteTaskRequest(**nobody))),
    "metrics": status(lambda: tasks.GetTaskMetrics(agent.GetTaskMetricsRequest(**nobody))),
    "logs": status(lambda: list(tasks.GetTaskLogs(agent.GetTaskLogsRequest(**nobody)))),
    "sync": status(lambda: sync_answers("nobody", "succeed")),
    "agent": status(lambda: metadata.GetAgent(agent.GetAgentRequest(name="nobody"))),
    "noTemplate": status(lambda: tasks.CreateTask(agent.CreateTaskRequest(output_prefix=f"{prefix}/x"))),
    "nowhere": status(lambda: tasks.CreateTask(agent.CreateTaskRequest(template=template("scripted", "run")))),
    "strangeMeta": status(lambda: tasks.GetTask(agent.GetTaskRequest(**about(b"{}")))),
    "noHeader": status(lambda: sync_answers("scripted-sync", "succeed", with_header=False)),
    "asyncAsSync": status(lambda: sync_answers("scripted", "succeed")),
    "malformed": status(
        lambda: channel.unary_unary("/flyteidl.service.AsyncAgentService/GetTask")(b"\x12\xff", timeout=10) and None
    ),
    "noMethod": status(lambda: channel.unary_unary("/flyteidl.service.AsyncAgentService/Nothing")(b"", timeout=10) and None),
}
channel.close()
json.dump(answers, sys.stdout)
