"""Serialises webhook tasks of flytekit's, and runs each with flytekit's own connector.

Reads a list of {task: WebhookTask's arguments, types: {input: a Python expression for its type}, inputs: {name: value}};
prints for each {template, inputs: protobuf's bytes in base64, phase, outputs, message}.
"""

import asyncio
import base64
import datetime
import json
import sys
import typing
from collections import OrderedDict

from flyteidl.core import tasks_pb2
from flytekit import FlyteContextManager
from flytekit.configuration import Image, ImageConfig, SerializationSettings
from flytekit.core.type_engine import TypeEngine
from flytekit.extras.webhook import WebhookConnector, WebhookTask
from flytekit.models.literals import LiteralMap
from flytekit.models.task import TaskTemplate
from flytekit.tools.translator import get_serializable_task

IMAGE = Image(name="default", fqn="test", tag="tag")
SETTINGS = SerializationSettings(
    project="p", domain="d", version="v", image_config=ImageConfig(default_image=IMAGE, images=[IMAGE])
)
NAMES = {"typing": typing, "datetime": datetime}


def given(value):
    """What JSON cannot say: {"at": text} is a moment, {"seconds": number} a duration, {"float": 5} is 5.0."""
    if isinstance(value, dict) and set(value) == {"float"}:
        return float(value["float"])
    if isinstance(value, dict) and set(value) == {"at"}:
        return datetime.datetime.fromisoformat(value["at"])
    if isinstance(value, dict) and set(value) == {"seconds"}:
        return datetime.timedelta(seconds=value["seconds"])
    return value


async def called(asked):
    context = FlyteContextManager.current_context()
    types = {name: eval(kind, NAMES) for name, kind in asked["types"].items()}
    task = WebhookTask(name="webhook", dynamic_inputs=types, **asked["task"])
    template = get_serializable_task(OrderedDict(), SETTINGS, task).template.to_flyte_idl()
    values = {name: given(value) for name, value in asked["inputs"].items()}
    inputs = await TypeEngine.dict_to_literal_map_pb(context, values, types)
    # as the service of flytekit's hands them on
    sent = TaskTemplate.from_flyte_idl(tasks_pb2.TaskTemplate.FromString(template.SerializeToString()))
    resource = await WebhookConnector().do(sent, output_prefix="", inputs=LiteralMap.from_flyte_idl(inputs))
    return {
        "template": base64.b64encode(template.SerializeToString()).decode(),
        "inputs": base64.b64encode(inputs.SerializeToString()).decode(),
        "phase": resource.phase,
        "outputs": resource.outputs,
        "message": resource.message,
    }


async def main():
    return [await called(asked) for asked in json.load(sys.stdin)]


json.dump(asyncio.run(main()), sys.stdout)
