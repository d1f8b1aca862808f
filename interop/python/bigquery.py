"""flytekit's BigQuery plugin.

{write: {query, config: {...}, options: {...}, inputs: {name: [type, value]}, columns}} serialises a BigQueryTask; prints
{template, inputs} in base64. {run: {template, inputs}, emulator} runs a template through flytekit's own connector, to the
end, on the emulator at that address; prints {phase, message, outputs, links}.
"""

import base64
import datetime
import json
import os
import sys
import time
from collections import OrderedDict
from typing import Annotated

import google.auth
from flyteidl.core.literals_pb2 import LiteralMap as LiteralMapMessage
from flyteidl.core.tasks_pb2 import TaskTemplate as TaskTemplateMessage
from flytekitplugins.bigquery import BigQueryConfig, BigQueryConnector, BigQueryTask
from google.auth.credentials import AnonymousCredentials
from google.cloud.bigquery import QueryJobConfig

from flytekit import FlyteContextManager, StructuredDataset, kwtypes
from flytekit.configuration import Image, ImageConfig, SerializationSettings
from flytekit.core.type_engine import TypeEngine
from flytekit.models.literals import LiteralMap
from flytekit.models.task import TaskTemplate
from flytekit.tools.translator import get_serializable

TYPES = {"int": int, "float": float, "str": str, "bool": bool, "datetime": datetime.datetime}


def value_of(kind, value):
    return datetime.datetime.fromisoformat(value) if kind == "datetime" else TYPES[kind](value)


def write(query, config, options, inputs, columns):
    types = {name: TYPES[kind] for name, (kind, _) in inputs.items()}
    values = {name: value_of(kind, value) for name, (kind, value) in inputs.items()}
    rows = Annotated[StructuredDataset, kwtypes(**{name: TYPES[kind] for name, kind in columns.items()})]
    task = BigQueryTask(
        name="interop.bigquery",
        query_template=query,
        inputs=types,
        output_structured_dataset_type=rows,
        task_config=BigQueryConfig(QueryJobConfig=QueryJobConfig(**options), **config),
    )
    image = Image(name="default", fqn="interop", tag="1")
    settings = SerializationSettings(ImageConfig(image, [image]), project="p", domain="d", version="v")
    template = get_serializable(OrderedDict(), settings, task).template
    literals = TypeEngine.dict_to_literal_map(FlyteContextManager.current_context(), values, types)
    pack = lambda model: base64.b64encode(model.to_flyte_idl().SerializeToString()).decode()
    return {"template": pack(template), "inputs": pack(literals)}


def run(template, inputs, emulator):
    os.environ["BIGQUERY_EMULATOR_HOST"] = emulator
    google.auth.default = lambda *args, **kwargs: (AnonymousCredentials(), "p1")
    parsed = TaskTemplateMessage.FromString(base64.b64decode(template))
    values = LiteralMapMessage.FromString(base64.b64decode(inputs))
    connector = BigQueryConnector()
    meta = connector.create(TaskTemplate.from_flyte_idl(parsed), LiteralMap.from_flyte_idl(values))
    while True:
        resource = connector.get(meta)
        if resource.phase not in (1, 2, 6, 7):
            break
        time.sleep(0.05)
    outputs = {name: dataset.uri for name, dataset in (resource.outputs or {}).items()}
    links = [link.name for link in resource.log_links]
    return {"phase": int(resource.phase), "message": resource.message, "outputs": outputs, "links": links}


asked = json.load(sys.stdin)
json.dump(write(**asked["write"]) if "write" in asked else run(**asked["run"], emulator=asked["emulator"]), sys.stdout)
