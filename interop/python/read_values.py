"""Reads the outputs of an outputs.pb as values of given Python types, as a task of flytekit's would receive them.

Reads {outputs, types: {name: a Python expression for its type}}; prints each value as Python writes it. A file is
written as its text.
"""

import datetime
import json
import sys
import typing
from dataclasses import dataclass
from enum import Enum

from flytekit import FlyteContextManager
from flytekit.core.type_engine import TypeEngine
from flytekit.types.file import FlyteFile
from outputs import literals


class Color(Enum):
    RED = "red"
    GREEN = "green"


@dataclass
class Point:
    x: int
    y: float
    label: str


NAMES = {"typing": typing, "datetime": datetime, "FlyteFile": FlyteFile, "Color": Color, "Point": Point}


def written(value) -> str:
    if isinstance(value, FlyteFile):
        with open(value) as file:
            return file.read()
    return repr(value)


asked = json.load(sys.stdin)
types = {name: eval(kind, NAMES) for name, kind in asked["types"].items()}
found = literals(asked["outputs"])
values = TypeEngine.literal_map_to_kwargs(FlyteContextManager.current_context(), found, types)
json.dump({name: written(value) for name, value in values.items()}, sys.stdout)
