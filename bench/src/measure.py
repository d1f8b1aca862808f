"""Runs a command and prints how long it took and what it used, as JSON.

usage: measure.py FILE COMMAND [ARG ...]

FILE: "outputs" is the time until it stands there; "-" for none; "says" for a command that prints seconds, which are "said"
"""

import json
import os
import resource
import subprocess
import sys
import time

file, *command = sys.argv[1:]
began = time.perf_counter()
child = subprocess.Popen(command, stdout=subprocess.PIPE if file == "says" else subprocess.DEVNULL, stderr=subprocess.PIPE)
appeared = None
waits = file not in ("-", "says")
if waits:
    while child.poll() is None and appeared is None:
        if os.path.exists(file):
            appeared = time.perf_counter() - began
        else:
            time.sleep(0.0005)
out, said = child.communicate()
wall = time.perf_counter() - began
if waits and appeared is None and os.path.exists(file):
    appeared = wall
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(
    json.dumps(
        {
            "status": child.returncode,
            "wall": wall,
            "outputs": appeared,
            "cpu": used.ru_utime + used.ru_stime,
            "said": float(out) if file == "says" and child.returncode == 0 else None,
            "peak": used.ru_maxrss * 1024,
            "stderr": said.decode(errors="replace")[-2000:],
        }
    )
)
