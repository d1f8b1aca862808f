"""Parses the specifications that a compiler wrote into flytekit's models and back; reads {tasks: [path], workflows: [path],
launchPlans: [path]}.

Prints for each file what was sent, what came back, and whether the messages are equal. Three things that flytekit's models
do to any message, flytekit's own too, are evened out: they make an empty description and an empty role where
there is none, and drop a node's overrides that override nothing.
"""

import json
import sys
from pathlib import Path

from flyteidl.admin import launch_plan_pb2, task_pb2, workflow_pb2
from flytekit.models.admin.workflow import WorkflowSpec
from flytekit.models.launch_plan import LaunchPlan
from flytekit.models.task import TaskSpec
from google.protobuf.json_format import MessageToDict

MODELS = {
    "tasks": (task_pb2.TaskSpec, TaskSpec),
    "workflows": (workflow_pb2.WorkflowSpec, WorkflowSpec),
    "launchPlans": (launch_plan_pb2.LaunchPlan, LaunchPlan),
}


def evened(message):
    if isinstance(message, launch_plan_pb2.LaunchPlan):
        if not message.spec.auth_role.ListFields():
            message.spec.ClearField("auth_role")
        return message
    if message.HasField("description") and not message.description.ListFields()[1:] and not message.description.long_description.value:
        message.ClearField("description")
    templates = [message.template, *message.sub_workflows] if isinstance(message, workflow_pb2.WorkflowSpec) else []
    for node in (node for template in templates for node in template.nodes if node.HasField("task_node")):
        resources = node.task_node.overrides.resources
        if not resources.requests and not resources.limits:
            node.task_node.ClearField("overrides")
    return message


def parsed(kind: str, path: str):
    schema, model = MODELS[kind]
    message = schema()
    message.ParseFromString(Path(path).read_bytes())
    there_and_back = evened(model.from_flyte_idl(message).to_flyte_idl())
    sent = evened(message)
    return {
        "name": sent.id.name if kind == "launchPlans" else sent.template.id.name,
        "equal": there_and_back == sent,
        "sent": MessageToDict(sent),
        "kept": MessageToDict(there_and_back),
    }


asked = json.load(sys.stdin)
json.dump({kind: [parsed(kind, path) for path in asked[kind]] for kind in MODELS}, sys.stdout)
