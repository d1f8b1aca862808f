"""Workflows with conditionals, gates and failure handlers, and an imperative one, written in flytekit, as the messages
that flytekit makes of them.

Reads {project, domain, version}; prints the workflows' specs by name, in protobuf's JSON. The same ones are in
flytekit-flow.test.ts.
"""

import json
import sys
from collections import OrderedDict
from datetime import datetime, timedelta, timezone
from typing import List, Optional

from flytekit import Workflow, approve, conditional, sleep, task, wait_for_input, workflow
from flytekit.configuration import Image, ImageConfig, SerializationSettings
from flytekit.core.workflow import WorkflowFailurePolicy
from flytekit.tools.translator import get_serializable
from flytekit.types.error.error import FlyteError
from google.protobuf.json_format import MessageToDict


@task(retries=1, timeout=timedelta(seconds=5))
def double(n: float) -> float:
    return 2 * n


@task
def square(n: float) -> float:
    return n * n


@task
def note(text: str):
    pass


@task
def clean_up(n: float, err: Optional[FlyteError] = None):
    pass


@workflow
def both(n: float) -> float:
    return square(n=double(n=n))


@workflow
def nested(n: float) -> float:
    return (
        conditional("fractions")
        .if_((n > 0.1) & (n < 1.0))
        .then(
            conditional("inner_fractions")
            .if_(n < 0.5)
            .then(double(n=n))
            .elif_((n > 0.5) & (n < 0.7))
            .then(square(n=n))
            .else_()
            .fail("Only <0.7 allowed")
        )
        .elif_((n > 1.0) | (n < 10.0) & (n != 3.0))
        .then(square(n=n))
        .else_()
        .then(both(n=n))
    )


@workflow
def kinds(i: int, s: str, b: bool, when: datetime, took: timedelta, low: float):
    doubled = double(n=low)
    (
        conditional("kinds")
        .if_((i >= 3) & (s == "x"))
        .then(note(text="a"))
        .elif_(b.is_true())
        .then(note(text="b"))
        .elif_((when > datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone.utc)) & (took <= timedelta(seconds=90)))
        .then(note(text="c"))
        .elif_(doubled > low)
        .then(note(text="d"))
        .else_()
        .then(note(text="e"))
    )


@workflow
def gated(n: float) -> float:
    first = double(n=n)
    more = wait_for_input("how-much", timeout=timedelta(minutes=10), expected_type=float)
    square(n=more)
    pause = sleep(timedelta(seconds=2))
    last = square(n=approve(first, "go-on", timeout=timedelta(minutes=5)))
    pause >> first
    return last


@workflow(
    on_failure=clean_up,
    failure_policy=WorkflowFailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE,
    interruptible=True,
)
def handled(n: float) -> float:
    """Handles failures.

    All of them.
    """
    return both(n=n)


imperative = Workflow(name="flow.imperative")
given = imperative.add_workflow_input("n", float)
one = imperative.add_entity(double, n=given)
two = imperative.add_entity(both, n=one.outputs["o0"])
imperative.add_entity(note, text="x")
imperative.add_workflow_output("one", one.outputs["o0"])
imperative.add_workflow_output("all", [one.outputs["o0"], two.outputs["o0"]], python_type=List[float])

asked = json.load(sys.stdin)
settings = SerializationSettings(
    **asked, image_config=ImageConfig(default_image=Image(name="default", fqn="img", tag="1"))
)
made = {
    flow.name.split(".")[-1]: MessageToDict(get_serializable(OrderedDict(), settings, flow).to_flyte_idl())
    for flow in (nested, kinds, gated, handled, imperative)
}
print(json.dumps(made))
