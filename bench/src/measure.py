"""Runs a command and prints how long it took and what it used, as JSON.

usage: measure.py FILE COMMAND [ARG ...]   FILE: "outputs" is the time until it stands there; "-" for none
"""

import json
import os
import resource
import subprocess
import sys
import time

file, *command = sys.argv[1:]
began = time.perf_counter()
child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
appeared = None
if file != "-":
    while child.poll() is None and appeared is None:
        if os.path.exists(file):
            appeared = time.perf_counter() - began
        else:
            time.sleep(0.0005)
_, said = child.communicate()
wall = time.perf_counter() - began
if file != "-" and appeared is None and os.path.exists(file):
    appeared = wall
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(
    json.dumps(
        {
            "status": child.returncode,
            "wall": wall,
            "outputs": appeared,
            "cpu": used.ru_utime + used.ru_stime,
            "peak": used.ru_maxrss * 1024,
            "stderr": said.decode(errors="replace")[-2000:],
        }
    )
)
