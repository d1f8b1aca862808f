"""Speaks with connector services as Flyte v2's executor does, in messages of PyPI's flyteidl2: the keepalive, the calls and
what it fills in are those of its plugin connector-service.

Reads {"ports": {name: N}, "prefix": the folder of outputs}, prints what each of them answered.
"""

import json
import sys

import grpc
from flyteidl2.connector import connector_pb2 as connector
from flyteidl2.connector import service_pb2_grpc
from flyteidl2.core import execution_pb2, identifier_pb2, interface_pb2, literals_pb2, security_pb2, tasks_pb2, types_pb2
from flyteidl2.task import common_pb2
from google.protobuf import json_format, struct_pb2

given = json.load(sys.stdin)
prefix = given["prefix"]

# the executor pings every 30 seconds, and waits 10; nothing without streams
OPTIONS = [
    ("grpc.enable_http_proxy", 0),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 0),
]
CONNECTION = security_pb2.Connection(
    task_type="scripted", secrets={"token": "hunter2-hunter2"}, configs={"region": "eu"}
)


def as_json(message):
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def status(call):
    try:
        answer = call()
        return ["OK", None if answer is None else as_json(answer)]
    except grpc.RpcError as error:
        return [error.code().name, error.details()]


def variables(**types):
    """A VariableMap by its bytes: releases of flyteidl2 differ in whether it is a map or a list of entries."""
    whole = b""
    for name, simple in types.items():
        variable = interface_pb2.Variable(type=types_pb2.LiteralType(simple=simple)).SerializeToString()
        key = name.encode()
        entry = bytes([10, len(key)]) + key + bytes([18, len(variable)]) + variable
        whole += bytes([10, len(entry)]) + entry
    return interface_pb2.VariableMap.FromString(whole)


def template(mode, version=0, task_type="scripted"):
    custom = struct_pb2.Struct()
    custom.update({"mode": mode})
    return tasks_pb2.TaskTemplate(
        id=identifier_pb2.Identifier(project="p", domain="d", name="scripted", version="v1", org="o"),
        type=task_type,
        task_type_version=version,
        interface=interface_pb2.TypedInterface(
            inputs=variables(n=types_pb2.INTEGER),
            outputs=variables(doubled=types_pb2.INTEGER, text=types_pb2.STRING),
        ),
        custom=custom,
    )


def execution(node):
    workflow = identifier_pb2.WorkflowExecutionIdentifier(project="p", domain="d", name="run", org="o")
    return connector.TaskExecutionMetadata(
        task_execution_id=identifier_pb2.TaskExecutionIdentifier(
            task_id=identifier_pb2.Identifier(project="p", domain="d", name="scripted", version="v1", org="o"),
            node_execution_id=identifier_pb2.NodeExecutionIdentifier(node_id=node, execution_id=workflow),
        ),
        namespace="p-d",
        labels={"organization": "o", "project": "p", "domain": "d"},
        k8s_service_account="default",
    )


def integer(value):
    return literals_pb2.Literal(scalar=literals_pb2.Scalar(primitive=literals_pb2.Primitive(integer=value)))


def ask(port):
    channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=OPTIONS)
    tasks = service_pb2_grpc.AsyncConnectorServiceStub(channel)
    metadata = service_pb2_grpc.ConnectorMetadataServiceStub(channel)

    def create(node, mode, version=0, task_type="scripted"):
        return tasks.CreateTask(
            connector.CreateTaskRequest(
                inputs=common_pb2.Inputs(literals=[common_pb2.NamedLiteral(name="n", value=integer(21))]),
                template=template(mode, version, task_type),
                output_prefix=f"{prefix}/{node}/1",
                task_execution_metadata=execution(node),
                connection=CONNECTION,
            ),
            timeout=10,
        ).resource_meta

    def about(meta, name="scripted", version=0):
        return {"resource_meta": meta, "task_category": connector.TaskCategory(name=name, version=version)}

    def get(meta, version=0):
        request = connector.GetTaskRequest(
            **about(meta, version=version), output_prefix=f"{prefix}/n/1", connection=CONNECTION
        )
        return tasks.GetTask(request, timeout=10).resource

    def run(node, mode, polls=2, version=0):
        meta = create(node, mode, version)
        return [as_json(get(meta, version)) for _ in range(polls)]

    answers = {
        "connectors": as_json(metadata.ListConnectors(connector.ListConnectorsRequest())),
        "connector": as_json(metadata.GetConnector(connector.GetConnectorRequest(name="Scripted"))),
        "succeed": run("succeed", "succeed"),
        "fail": run("fail", "fail"),
        "retry": run("retry", "retry"),
    }
    first, second = create("twice", "run"), create("twice", "run")
    answers["sameMeta"] = first == second
    answers["secretInMeta"] = b"hunter2" in first
    meta = create("deleted", "run")
    for _ in range(2):
        tasks.DeleteTask(connector.DeleteTaskRequest(**about(meta), connection=CONNECTION), timeout=10)
    answers["deleted"] = as_json(get(meta))
    answers["metrics"] = as_json(tasks.GetTaskMetrics(connector.GetTaskMetricsRequest(**about(meta), queries=["cpu"])))
    answers["logs"] = [
        [as_json(part) for part in tasks.GetTaskLogs(connector.GetTaskLogsRequest(**about(meta), token=token))]
        for token in ["", "2"]
    ]
    if port == given["ports"]["ours"]:  # flyte-sdk has no connectors that answer at once
        meta = create("atOnce", "succeed", task_type="scripted-sync")
        answers["atOnce"] = as_json(tasks.GetTask(connector.GetTaskRequest(**about(meta, "scripted-sync"))).resource)
    nobody = about(b"", "nobody")
    answers["errors"] = {
        "create": status(
            lambda: tasks.CreateTask(
                connector.CreateTaskRequest(template=template("run", task_type="nobody"), output_prefix=f"{prefix}/x")
            )
        ),
        "get": status(lambda: tasks.GetTask(connector.GetTaskRequest(**nobody))),
        "delete": status(lambda: tasks.DeleteTask(connector.DeleteTaskRequest(**nobody))),
        "metrics": status(lambda: tasks.GetTaskMetrics(connector.GetTaskMetricsRequest(**nobody))),
        "connector": status(lambda: metadata.GetConnector(connector.GetConnectorRequest(name="nobody"))),
        "strangeMeta": status(lambda: tasks.GetTask(connector.GetTaskRequest(**about(b"{}")))),
        "otherVersion": status(lambda: create("element", "run", version=1) and None),
    }
    channel.close()
    return answers


json.dump({name: ask(port) for name, port in given["ports"].items()}, sys.stdout)
