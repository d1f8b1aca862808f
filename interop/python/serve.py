"""Runs the scripts of this folder, one after another, in one process: what they import is loaded once.

Reads requests, one line of JSON each, {"script": name, "value": what the script reads}; answers each with one line, {"ok":
what it printed} or {"error": text}. It ends when its input does.
"""

import io
import json
import runpy
import sys
import traceback
from pathlib import Path

FOLDER = Path(__file__).parent


def called(script, value):
    own = sys.stdin, sys.stdout
    sys.stdin, sys.stdout = io.StringIO(json.dumps(value)), io.StringIO()
    try:
        runpy.run_path(str(FOLDER / f"{script}.py"), run_name="__main__")
        return json.loads(sys.stdout.getvalue())
    finally:
        sys.stdin, sys.stdout = own


for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"ok": called(**request)}
    except Exception:
        answer = {"error": traceback.format_exc()}
    print(json.dumps(answer), flush=True)
