"""Map tasks and a dynamic task, written in flytekit, as the messages that flytekit makes of them.

Reads {project, domain, version}; prints {nodes and map tasks of a workflow of map tasks, and the DynamicJobSpec of a
dynamic task}, in protobuf's JSON. The same ones are in flytekit-fan-out.test.ts.
"""

import functools
import json
import sys
from collections import OrderedDict
from datetime import timedelta
from typing import List, Optional

from flytekit import dynamic, map_task, task, workflow
from flytekit.configuration import Image, ImageConfig, SerializationSettings
from flytekit.core.array_node_map_task import ArrayNodeMapTask
from flytekit.core.context_manager import FlyteContextManager
from flytekit.tools.translator import get_serializable
from google.protobuf.json_format import MessageToDict


@task(retries=3, timeout=timedelta(seconds=5), cache=True, cache_version="1", interruptible=True)
def power(base: int, exponent: int) -> int:
    return base**exponent


@task
def say(word: str):
    pass


@task
def total(xs: List[Optional[int]]) -> int:
    return 0


@workflow
def inner(x: int) -> int:
    return power(base=x, exponent=2)


@workflow
def maps(xs: List[int]) -> int:
    map_task(power)(base=xs, exponent=[1, 2])
    map_task(say, concurrency=0)(word=["a", "b"])
    map_task(say, concurrency=3, run_all_sub_nodes=True)(word=["a"])
    few = map_task(functools.partial(power, exponent=3), concurrency=2, min_success_ratio=0.5)(base=xs)
    return total(xs=few)


@dynamic
def spread(n: int) -> List[int]:
    calls = [power(base=x, exponent=2) for x in range(n)]
    say(word="now")
    calls.append(inner(x=n))
    total(xs=map_task(functools.partial(power, exponent=3), min_success_ratio=0.5)(base=[1, 2]))
    return calls


asked = json.load(sys.stdin)
settings = SerializationSettings(
    **asked, image_config=ImageConfig(default_image=Image(name="default", fqn="img", tag="1"))
)


def shown(message):
    return MessageToDict(message.to_flyte_idl())


entities = OrderedDict()
spec = get_serializable(entities, settings, maps)
tasks = [shown(made)["template"] for entity, made in entities.items() if isinstance(entity, ArrayNodeMapTask)]
context = FlyteContextManager.current_context()
with FlyteContextManager.with_context(context.with_serialization_settings(settings)) as inside:
    job = shown(spread.compile_into_workflow(inside, spread.task_function, n=2))
print(json.dumps({"nodes": shown(spec)["template"]["nodes"], "tasks": tasks, "job": job}))
