"""Opens the output `results` of two outputs.pb with pandas; reads {theirs, ours}, prints what each holds and how they
differ (nothing, when rows, columns, their order and dtypes are equal)."""

import json
import sys

import pandas as pd
from outputs import frame, literals


def described(data: pd.DataFrame):
    return {"rows": len(data), "dtypes": {name: str(kind) for name, kind in data.dtypes.items()}}


asked = json.load(sys.stdin)
theirs, ours = (frame(literals(asked[whose]).literals["results"]) for whose in ("theirs", "ours"))
difference = None
try:
    pd.testing.assert_frame_equal(theirs, ours, check_exact=True)
except AssertionError as error:
    difference = str(error)
json.dump({"theirs": described(theirs), "ours": described(ours), "difference": difference}, sys.stdout)
