"""Registers many entities at once: what each needs comes before it, and all else at the same time."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flyteidl.admin import launch_plan_pb2, task_pb2, workflow_pb2
from flyteidl.core import identifier_pb2
from flytekit.exceptions.user import FlyteEntityAlreadyExistsException
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


def read(client, path):
    """What a file holds (kind 1 for tasks, 2 for workflows, 3 for launch plans): its identifier, message and call."""
    if path.stem.endswith("_1"):
        spec = parsed(task_pb2.TaskSpec(), path)
        id, request, call = spec.template.id, task_pb2.TaskCreateRequest, client.create_task
    elif path.stem.endswith("_2"):
        spec = parsed(workflow_pb2.WorkflowSpec(), path)
        id, request, call = spec.template.id, workflow_pb2.WorkflowCreateRequest, client.create_workflow
    else:
        plan = parsed(launch_plan_pb2.LaunchPlan(), path)
        spec, id = plan.spec, plan.id
        request, call = launch_plan_pb2.LaunchPlanCreateRequest, client.create_launch_plan
    return id.SerializeToString(deterministic=True), spec, lambda: call(request(id=id, spec=spec))


def created(call):
    """None for what is registered, or was before; else what Flyte says."""
    try:
        call()
    except FlyteEntityAlreadyExistsException:
        pass
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def register_all(client, folder):
    """Registers all that a folder holds; answers what Flyte says of each file, by its name: null for what it takes."""
    waiting = {path.name: read(client, path) for path in sorted(Path(folder).glob("*_[123].pb"))}
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
