"""Opens one output of an outputs.pb with pandas, through flytekit; reads {outputs, name}, prints its columns with dtypes,
and its cells as Python writes them."""

import json
import sys

from outputs import frame, literals

asked = json.load(sys.stdin)
data = frame(literals(asked["outputs"]).literals[asked["name"]])
columns = {name: {"dtype": str(data[name].dtype), "cells": [repr(cell) for cell in data[name].tolist()]} for name in data.columns}
json.dump(columns, sys.stdout)
