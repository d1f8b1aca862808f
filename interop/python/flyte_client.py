"""A client of a Flyte cluster over flytekit's raw client, for the suites: messages go out as the compiler wrote them.

Runs where the cluster's addresses are in the environment. Reads requests, one line of JSON each, {"do": name, ...}, and
answers each with one line: {"ok": ...} or {"error": text}. It ends when its input does.
"""

import json
import os
import sys
from pathlib import Path

from flyteidl.admin import common_pb2, execution_pb2, launch_plan_pb2, node_execution_pb2, signal_pb2, task_execution_pb2, task_pb2, workflow_pb2
from flyteidl.core import identifier_pb2, literals_pb2
from flyteidl.core.execution_pb2 import NodeExecution, TaskExecution, WorkflowExecution
from flytekit.clients.raw import RawSynchronousFlyteClient
from flytekit.configuration import Config, DataConfig
from flytekit.core.data_persistence import FileAccessProvider
from flytekit.exceptions.user import FlyteEntityAlreadyExistsException
from flytekit.remote import FlyteRemote
from google.protobuf.json_format import MessageToDict, ParseDict
from pods import Pods
from registration import register_all

PROJECT, DOMAIN = "flytesnacks", "development"
ENDED = {"SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT"}

config = Config.for_endpoint(os.environ["FLYTE_ADMIN"], insecure=True)
client = RawSynchronousFlyteClient(config.platform)
remote = FlyteRemote(config, default_project=PROJECT, default_domain=DOMAIN)
files = FileAccessProvider("/tmp", "s3://flyte", data_config=DataConfig.auto())
pods = Pods(f"{PROJECT}-{DOMAIN}")


def parsed(message, path):
    message.ParseFromString(Path(path).read_bytes())
    return message


def created(call, request):
    """What is there already, and the same, counts as created."""
    try:
        call(request)
    except FlyteEntityAlreadyExistsException:
        pass


def register(folder):
    """All that a folder of serialised entities holds (`<number>_<name>_<kind>.pb`: kind 1 for tasks, 2 for workflows, 3
    for launch plans), in the order of the names, as flytectl does."""
    for path in sorted(Path(folder).glob("*_[123].pb")):
        if path.stem.endswith("_1"):
            spec = parsed(task_pb2.TaskSpec(), path)
            created(client.create_task, task_pb2.TaskCreateRequest(id=spec.template.id, spec=spec))
        elif path.stem.endswith("_2"):
            spec = parsed(workflow_pb2.WorkflowSpec(), path)
            created(client.create_workflow, workflow_pb2.WorkflowCreateRequest(id=spec.template.id, spec=spec))
        else:
            plan = parsed(launch_plan_pb2.LaunchPlan(), path)
            created(client.create_launch_plan, launch_plan_pb2.LaunchPlanCreateRequest(id=plan.id, spec=plan.spec))


def launch_plan_id(name, version):
    kind = identifier_pb2.LAUNCH_PLAN
    return identifier_pb2.Identifier(resource_type=kind, project=PROJECT, domain=DOMAIN, name=name, version=version)


def launch_plan(name, version):
    """A launch plan as it is registered, in protobuf's JSON."""
    return MessageToDict(client.get_launch_plan(common_pb2.ObjectGetRequest(id=launch_plan_id(name, version))))


def launch(workflow, version, inputs):
    """Starts a workflow on the inputs of a file (a LiteralMap); answers the execution's name."""
    spec = execution_pb2.ExecutionSpec(
        launch_plan=launch_plan_id(workflow, version),
        metadata=execution_pb2.ExecutionMetadata(mode=execution_pb2.ExecutionMetadata.MANUAL, principal="flyte-ts"),
    )
    request = execution_pb2.ExecutionCreateRequest(
        project=PROJECT, domain=DOMAIN, spec=spec, inputs=parsed(literals_pb2.LiteralMap(), inputs)
    )
    return client.create_execution(request).id.name


def execution_id(name):
    return identifier_pb2.WorkflowExecutionIdentifier(project=PROJECT, domain=DOMAIN, name=name)


def error_of(closure):
    if not closure.HasField("error"):
        return None
    error = closure.error
    return {"code": error.code, "message": error.message, "kind": type(error).ErrorKind.Name(error.kind)}


def state(execution):
    """The phase of an execution, and its error if it has one."""
    closure = client.get_execution(execution_pb2.WorkflowExecutionGetRequest(id=execution_id(execution))).closure
    phase = WorkflowExecution.Phase.Name(closure.phase)
    return {"phase": phase, "ended": phase in ENDED, "error": error_of(closure)}


def nodes(execution):
    """The nodes of an execution (without its first and last), with the attempts of their tasks."""
    request = node_execution_pb2.NodeExecutionListRequest(workflow_execution_id=execution_id(execution), limit=100)
    found = []
    for node in client.list_node_executions_paginated(request).node_executions:
        if node.id.node_id in ("start-node", "end-node"):
            continue
        attempts = client.list_task_executions_paginated(
            task_execution_pb2.TaskExecutionListRequest(node_execution_id=node.id, limit=100)
        ).task_executions
        found.append(
            {
                "node": node.id.node_id,
                "phase": NodeExecution.Phase.Name(node.closure.phase),
                "attempts": [
                    {
                        "task": attempt.id.task_id.name,
                        "attempt": attempt.id.retry_attempt,
                        "phase": TaskExecution.Phase.Name(attempt.closure.phase),
                        "error": error_of(attempt.closure),
                        "logs": [{"name": log.name, "uri": log.uri} for log in attempt.closure.logs],
                    }
                    for attempt in sorted(attempts, key=lambda one: one.id.retry_attempt)
                ],
            }
        )
    return sorted(found, key=lambda one: one["node"])


def outputs(execution, path):
    """Writes the outputs of an execution into a file, a LiteralMap."""
    data = client.get_execution_data(execution_pb2.WorkflowExecutionGetDataRequest(id=execution_id(execution)))
    Path(path).write_bytes(data.full_outputs.SerializeToString())


def abort(execution, cause):
    client.terminate_execution(execution_pb2.ExecutionTerminateRequest(id=execution_id(execution), cause=cause))


def signal(execution, name, value):
    """Answers a gate with a literal in protobuf's JSON; false as long as the gate does not wait."""
    waiting = client.list_signals(
        signal_pb2.SignalListRequest(workflow_execution_id=execution_id(execution), limit=100)
    ).signals
    if name not in [one.id.signal_id for one in waiting]:
        return False
    id = identifier_pb2.SignalIdentifier(signal_id=name, execution_id=execution_id(execution))
    client.set_signal(signal_pb2.SignalSetRequest(id=id, value=ParseDict(value, literals_pb2.Literal())))
    return True


def upload(path):
    """Sends a file through the data proxy's signed URL; answers its URI in the cluster's store."""
    return remote.upload_file(Path(path))[1]


def download(uri, path):
    """Fetches an object, or a folder of them, from the cluster's store."""
    folder = files.get_filesystem_for_path(uri).isdir(uri)
    files.get_data(uri, path, is_multipart=folder)


def exists(uri):
    return files.exists(uri)


def listed(prefix):
    """The URIs of all objects below a prefix."""
    store = files.get_filesystem_for_path(prefix)
    store.invalidate_cache()
    return [store.unstrip_protocol(path) for path in store.find(prefix)]


def exit_codes(execution):
    """The exit codes of the containers of an execution's pods, by pod, as Kubernetes told them."""
    return {pod: code for pod, code in pods.exit_codes().items() if pod.startswith(f"{execution}-")}


def put_secret(name, values):
    pods.put_secret(name, values)


REQUESTS = {
    call.__name__: call
    for call in (register, register_all, launch_plan, launch, state, nodes, outputs, abort, signal, upload, download, exists, listed, exit_codes, put_secret)
}

for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"ok": REQUESTS[request.pop("do")](**request)}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
