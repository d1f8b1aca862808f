"""Parses the specifications that a compiler wrote into flytekit's models and back; reads {tasks: [path], workflows: [path]}.

Prints for each file: whether the way there and back changed anything, and the parts that tell one from another.
"""

import json
import sys
from pathlib import Path

from flyteidl.admin import task_pb2, workflow_pb2
from flytekit.models.admin.workflow import WorkflowSpec
from flytekit.models.task import TaskSpec
from google.protobuf.json_format import MessageToDict

MODELS = {"tasks": (task_pb2.TaskSpec, TaskSpec), "workflows": (workflow_pb2.WorkflowSpec, WorkflowSpec)}


def parsed(kind: str, path: str):
    schema, model = MODELS[kind]
    message = schema()
    message.ParseFromString(Path(path).read_bytes())
    there_and_back = model.from_flyte_idl(message).to_flyte_idl()
    return {
        "name": message.template.id.name,
        "equal": there_and_back == message,
        "sent": MessageToDict(message),
        "kept": MessageToDict(there_and_back),
    }


asked = json.load(sys.stdin)
json.dump({kind: [parsed(kind, path) for path in asked[kind]] for kind in MODELS}, sys.stdout)
