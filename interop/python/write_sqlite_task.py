"""Serialises a task of flytekit's SQLite3Task: task.pb and inputs.pb into a folder.

Reads {folder, query, uri, compressed, output: "schema" | "dataset" | "typed-schema" | "typed-dataset", columns: {name: type},
inputs: {name: [type, value]}}; prints the container's arguments as flytekit would register them.
"""

import json
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Annotated

from flytekit import FlyteContextManager, StructuredDataset, kwtypes
from flytekit.configuration import Image, ImageConfig, SerializationSettings
from flytekit.core.type_engine import TypeEngine
from flytekit.extras.sqlite3.task import SQLite3Config, SQLite3Task
from flytekit.tools.translator import get_serializable
from flytekit.types.schema import FlyteSchema

TYPES = {"int": int, "float": float, "str": str, "bool": bool}

asked = json.load(sys.stdin)
columns = kwtypes(**{name: TYPES[kind] for name, kind in asked.get("columns", {}).items()})
outputs = {
    "schema": lambda: FlyteSchema,
    "typed-schema": lambda: FlyteSchema[columns],
    "dataset": lambda: StructuredDataset,
    "typed-dataset": lambda: Annotated[StructuredDataset, columns],
}
types = {name: TYPES[kind] for name, (kind, _) in asked["inputs"].items()}
values = {name: TYPES[kind](value) for name, (kind, value) in asked["inputs"].items()}
task = SQLite3Task(
    name="interop.sqlite",
    query_template=asked["query"],
    inputs=types,
    output_schema_type=outputs[asked["output"]](),
    task_config=SQLite3Config(uri=asked["uri"], compressed=asked["compressed"]),
)
image = Image(name="default", fqn="interop", tag="1")
settings = SerializationSettings(ImageConfig(image, [image]), project="p", domain="d", version="v")
template = get_serializable(OrderedDict(), settings, task).template
context = FlyteContextManager.current_context()
literals = TypeEngine.dict_to_literal_map(context, values, types)
folder = Path(asked["folder"])
(folder / "task.pb").write_bytes(template.to_flyte_idl().SerializeToString())
(folder / "inputs.pb").write_bytes(literals.to_flyte_idl().SerializeToString())
json.dump(list(template.container.args), sys.stdout)
