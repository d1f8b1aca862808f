"""Copies a file or a folder and prints the seconds: storage_transfer.py up|down one|many FROM TO"""

import os
import sys
import tempfile
import time

from flytekit.core.data_persistence import FileAccessProvider

direction, what, source, target = sys.argv[1:]
with tempfile.TemporaryDirectory() as sandbox:
    access = FileAccessProvider(sandbox, "s3://bench/raw")
    os.makedirs(os.path.dirname(target), exist_ok=True) if direction == "down" else None
    began = time.perf_counter()
    if direction == "up":
        access.put_data(source, target, is_multipart=what == "many")
    else:
        access.get_data(source, target, is_multipart=what == "many")
    print(time.perf_counter() - began)
