"""Serialises a task as flytekit's plugin for Athena does: an SQLTask of the type `presto` with a PrestoQuery as custom.

Reads {query, database, workgroup, catalog, inputs: {name: [type, value]}}; prints {template, inputs}: protobuf's bytes in
base64. The output is a FlyteSchema.
"""

import base64
import json
import sys
from collections import OrderedDict

from flytekit import FlyteContextManager
from flytekit.configuration import Image, ImageConfig, SerializationSettings
from flytekit.core.type_engine import TypeEngine
from flytekit.extend import SQLTask
from flytekit.models.presto import PrestoQuery
from flytekit.tools.translator import get_serializable
from flytekit.types.schema import FlyteSchema
from google.protobuf.json_format import MessageToDict

TYPES = {"int": int, "float": float, "str": str, "bool": bool}
asked = json.load(sys.stdin)


class AthenaTask(SQLTask):
    def get_custom(self, settings):
        query = PrestoQuery(
            statement=self.query_template,
            schema=asked["database"],
            routing_group=asked["workgroup"],
            catalog=asked["catalog"],
        )
        return MessageToDict(query.to_flyte_idl())


types = {name: TYPES[kind] for name, (kind, _) in asked["inputs"].items()}
task = AthenaTask(
    name="interop.athena",
    query_template=asked["query"],
    task_type="presto",
    inputs=types,
    outputs={"results": FlyteSchema},
)
image = Image(name="default", fqn="interop", tag="1")
settings = SerializationSettings(ImageConfig(image, [image]), project="p", domain="d", version="v")
template = get_serializable(OrderedDict(), settings, task).template.to_flyte_idl()
values = {name: TYPES[kind](value) for name, (kind, value) in asked["inputs"].items()}
inputs = TypeEngine.dict_to_literal_map(FlyteContextManager.current_context(), values, types).to_flyte_idl()
json.dump(
    {
        "template": base64.b64encode(template.SerializeToString()).decode(),
        "inputs": base64.b64encode(inputs.SerializeToString()).decode(),
    },
    sys.stdout,
)
