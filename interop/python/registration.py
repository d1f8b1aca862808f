"""Registers many entities at once: what each needs comes before it, and all else at the same time.

Not by flytekit's client, which asks again when Flyte's compiler refuses something: that is no failure of the server's.
"""

import os

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from flyteidl.admin import launch_plan_pb2, task_pb2, workflow_pb2
from flyteidl.core import identifier_pb2
from flyteidl.service.admin_pb2_grpc import AdminServiceStub
from google.protobuf.message import Message


def parsed(message, path):
    message.ParseFromString(Path(path).read_bytes())
    return message


def references(message):
    """The identifiers that stand somewhere in a message."""
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            parts = [part for part in value.values() if isinstance(part, Message)]
        else:
            parts = value if field.is_repeated else [value]
        for part in parts:
            if isinstance(part, identifier_pb2.Identifier):
                yield part.SerializeToString(deterministic=True)
            else:
                yield from references(part)


def read(admin, path):
    """What a file holds (kind 1 for tasks, 2 for workflows, 3 for launch plans): its identifier, message and call."""
    if path.stem.endswith("_1"):
        spec = parsed(task_pb2.TaskSpec(), path)
        id, request, call = spec.template.id, task_pb2.TaskCreateRequest, admin.CreateTask
    elif path.stem.endswith("_2"):
        spec = parsed(workflow_pb2.WorkflowSpec(), path)
        id, request, call = spec.template.id, workflow_pb2.WorkflowCreateRequest, admin.CreateWorkflow
    else:
        plan = parsed(launch_plan_pb2.LaunchPlan(), path)
        spec, id = plan.spec, plan.id
        request, call = launch_plan_pb2.LaunchPlanCreateRequest, admin.CreateLaunchPlan
    return id.SerializeToString(deterministic=True), spec, lambda: call(request(id=id, spec=spec))


def created(call):
    """None for what is registered, or was before; else what Flyte says."""
    try:
        call()
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.ALREADY_EXISTS:
            return f"{error.code().name}: {error.details()}"
    return None


def register_all(folder):
    """Registers all that a folder holds; answers what Flyte says of each file, by its name: null for what it takes."""
    admin = AdminServiceStub(grpc.insecure_channel(os.environ["FLYTE_ADMIN"]))
    waiting = {path.name: read(admin, path) for path in sorted(Path(folder).glob("*_[123].pb"))}
    answers = {}
    with ThreadPoolExecutor(8) as threads:
        while waiting:
            missing = {id for id, _, _ in waiting.values()}
            ready = {
                name: call
                for name, (id, spec, call) in waiting.items()
                if not any(needed in missing and needed != id for needed in references(spec))
            }
            if not ready:
                raise ValueError(f"these wait for each other: {', '.join(waiting)}")
            answers.update(zip(ready, threads.map(created, ready.values())))
            waiting = {name: entity for name, entity in waiting.items() if name not in ready}
    return answers
