"""Reads a CSV dataset of ours with flytekit's handler, and writes it again with it.

Reads {uri, to}; prints the values as pandas reads them, each as text, NaN as null.
"""

import json
import sys
import typing

import pandas as pd
from flytekit import FlyteContextManager, StructuredDataset
from flytekit.core.type_engine import TypeEngine
from flytekit.models.literals import Literal, Scalar, StructuredDatasetMetadata
from flytekit.models.literals import StructuredDataset as Message
from flytekit.models.types import StructuredDatasetType

asked = json.load(sys.stdin)
kind = StructuredDatasetType(format="csv")
literal = Literal(scalar=Scalar(structured_dataset=Message(asked["uri"], StructuredDatasetMetadata(kind))))
context = FlyteContextManager.current_context()
frame = TypeEngine.to_python_value(context, literal, StructuredDataset).open(pd.DataFrame).all()
TypeEngine.to_literal(
    context,
    StructuredDataset(dataframe=frame, uri=asked["to"], file_format="csv"),
    StructuredDataset,
    TypeEngine.to_literal_type(typing.Annotated[StructuredDataset, "csv"]),
)
cells = {name: [None if pd.isna(value) else str(value) for value in frame[name]] for name in frame.columns}
json.dump({"dtypes": {name: str(dtype) for name, dtype in frame.dtypes.items()}, "cells": cells}, sys.stdout)
