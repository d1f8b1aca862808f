"""Takes literals as values of given Python types, and gives back what flytekit makes of these values.

Reads {cases: [{type: a Python expression, literals: [base64]}]}; prints for each {type: flytekit's LiteralType,
literals: its literals of the values that it read}, all in base64.
"""

import base64
import datetime
import json
import sys
import typing
from dataclasses import dataclass
from enum import Enum

from flyteidl.core import literals_pb2
from flytekit import FlyteContextManager
from flytekit.core.type_engine import TypeEngine
from flytekit.models.literals import Literal
from flytekit.types.error.error import FlyteError


class Color(Enum):
    RED = "red"
    GREEN = "green"


@dataclass
class Line:
    name: str
    price: float
    count: int


@dataclass
class Order:
    id: int
    lines: typing.List[Line]
    note: typing.Optional[str]
    at: datetime.datetime


NAMES = {"typing": typing, "datetime": datetime, "Color": Color, "Line": Line, "Order": Order, "FlyteError": FlyteError}


def text(message) -> str:
    return base64.b64encode(message.to_flyte_idl().SerializeToString()).decode()


def converted(case):
    context = FlyteContextManager.current_context()
    kind = eval(case["type"], NAMES)
    expected = TypeEngine.to_literal_type(kind)
    literals = []
    for given in case["literals"]:
        message = literals_pb2.Literal()
        message.ParseFromString(base64.b64decode(given))
        value = TypeEngine.to_python_value(context, Literal.from_flyte_idl(message), kind)
        literals.append(text(TypeEngine.to_literal(context, value, kind, expected)))
    return {"type": text(expected), "literals": literals}


json.dump([converted(case) for case in json.load(sys.stdin)["cases"]], sys.stdout)
