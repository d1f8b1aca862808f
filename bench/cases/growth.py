"""Prints the seconds that one more node costs, as the best of some tries: a chain of 4,000 against one of 1,000."""

import time
from collections import OrderedDict

from flytekit import task, workflow
from flytekit.configuration import Image, ImageConfig, SerializationSettings
from flytekit.tools.translator import get_serializable


@task
def next_one(n: int, by: int) -> int:
    return n + by


def seconds(count):
    began = time.perf_counter()

    @workflow
    def chain(n: int) -> int:
        last = next_one(n=n, by=0)
        for by in range(1, count):
            last = next_one(n=last, by=by)
        return last

    settings = SerializationSettings(ImageConfig(Image("default", "img", "1")), project="p", domain="d", version="v")
    get_serializable(OrderedDict(), settings, chain).to_flyte_idl()
    return time.perf_counter() - began


tries = [(seconds(1000), seconds(4000)) for _ in range(3)]
print((min(many for _, many in tries) - min(few for few, _ in tries)) / 3000)
