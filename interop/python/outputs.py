"""Reads outputs.pb as flytekit does, and opens the datasets in it with pandas."""

from pathlib import Path

import pandas as pd
from flyteidl.core import literals_pb2
from flytekit import FlyteContextManager, StructuredDataset
from flytekit.core.type_engine import TypeEngine
from flytekit.models.literals import LiteralMap
from flytekit.types.schema import FlyteSchema


def literals(path: str) -> LiteralMap:
    message = literals_pb2.LiteralMap()
    message.ParseFromString(Path(path).read_bytes())
    return LiteralMap.from_flyte_idl(message)


def frame(literal) -> pd.DataFrame:
    """The rows of a literal that holds a schema or a structured dataset."""
    wanted = FlyteSchema if literal.scalar.schema is not None else StructuredDataset
    value = TypeEngine.to_python_value(FlyteContextManager.current_context(), literal, wanted)
    return value.open(pd.DataFrame).all() if wanted is StructuredDataset else value.open().all()
