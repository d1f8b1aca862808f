"""Reads an error.pb as flytekit's models hold it; reads {error}, prints its fields."""

import json
import sys
from pathlib import Path

from flyteidl.core import errors_pb2
from flytekit.models.core.errors import ErrorDocument

message = errors_pb2.ErrorDocument()
message.ParseFromString(Path(json.load(sys.stdin)["error"]).read_bytes())
document = ErrorDocument.from_flyte_idl(message)
error = document.error
json.dump(
    {
        "code": error.code,
        "message": error.message,
        "kind": {0: "NON_RECOVERABLE", 1: "RECOVERABLE"}[error.kind],
        "origin": {0: "UNKNOWN", 1: "USER", 2: "SYSTEM"}[error.origin],
        "seconds": message.error.timestamp.seconds,
        "roundTrip": document.to_flyte_idl() == message,
    },
    sys.stdout,
)
