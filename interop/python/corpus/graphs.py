"""Workflows of every form: sub-workflows, order, conditionals, gates, overrides, failures, imperative ones."""

from datetime import datetime, timedelta
from typing import Dict, List, NamedTuple, Optional

from flytekit import PodTemplate, Resources, Workflow, approve, conditional, sleep, task, wait_for_input, workflow
from flytekit.core.cache import Cache
from flytekit.core.node_creation import create_node
from flytekit.core.workflow import WorkflowFailurePolicy
from flytekit.extras.accelerators import L4
from flytekit.types.error.error import FlyteError
from kubernetes.client import V1Container, V1PodSpec


@task
def add(a: int, b: int = 1) -> int:
    return a + b


@task
def name_it(n: int) -> str:
    return ""


@task
def split(text: str) -> NamedTuple("Split", head=str, tail=List[str]):
    return text, []


@task
def done():
    pass


@workflow
def twice(n: int) -> int:
    return add(a=add(a=n, b=2), b=3)


@workflow
def four_times(n: int) -> NamedTuple("Four", result=int, text=str):
    inner = twice(n=twice(n=n))
    return inner, name_it(n=inner)


@workflow
def subs(n: int) -> str:
    """Sub-workflows in sub-workflows, one of them used in two places."""
    four = four_times(n=n)
    twice(n=four.result)
    return four.text


@workflow
def several(text: str) -> NamedTuple("Several", first=str, rest=List[str], own=str):
    first = split(text=text)
    second = split(text=first.head)
    return second.head, first.tail, text


@workflow
def order(n: int):
    first = create_node(done)
    second = create_node(name_it, n=n)
    third = create_node(done)
    first >> second
    second >> third
    first >> third


@workflow(interruptible=True, failure_policy=WorkflowFailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE)
def lasting(n: int) -> int:
    return twice(n=n)


@workflow
def ways(n: int, text: str, sure: bool) -> NamedTuple("Ways", first=str, second=int):
    first = conditional("first").if_(n == 1).then(name_it(n=n)).elif_(n > 10).then(name_it(n=10)).else_().fail("no way")
    second = (
        conditional("second")
        .if_((text == "a") & (sure.is_false()))
        .then(add(a=n))
        .elif_((text != "b") | ((n >= 2) & (n <= 5)))
        .then(twice(n=n))
        .else_()
        .then(add(a=n, b=n))
    )
    return first, second


@workflow
def ways_by_outputs(n: int) -> str:
    four = four_times(n=n)
    return (
        conditional("result")
        .if_(four.result > 3)
        .then(name_it(n=four.result))
        .elif_(four.text == "x")
        .then(name_it(n=2))
        .else_()
        .then(name_it(n=n))
    )


@workflow
def ways_of_several(text: str) -> NamedTuple("OfSeveral", head=str, tail=List[str]):
    chosen = conditional("chosen").if_(text == "a").then(split(text="a")).else_().then(split(text=text))
    return chosen.head, chosen.tail


@workflow
def ways_in_ways(n: int) -> int:
    return (
        conditional("outer")
        .if_(n < 0)
        .then(
            conditional("inner")
            .if_(n < -10)
            .then(add(a=n, b=10))
            .elif_(n < -5)
            .then(conditional("innermost").if_(n == -7).then(twice(n=n)).else_().then(add(a=n)))
            .else_()
            .fail("between -5 and 0")
        )
        .else_()
        .then(twice(n=n))
    )


@workflow
def sub_with_ways(n: int) -> int:
    return add(a=ways_in_ways(n=n), b=ways_in_ways(n=1))


@workflow
def gates(n: int) -> NamedTuple("Gates", result=int, when=datetime):
    made = add(a=n)
    when = wait_for_input("when", timeout=timedelta(hours=2), expected_type=datetime)
    words = wait_for_input("words", timeout=timedelta(days=1), expected_type=List[str])
    approved = approve(made, "check", timeout=timedelta(minutes=1))
    pause = sleep(timedelta(hours=5))
    last = add(a=approved, b=made)
    words >> pause
    return last, when


@workflow
def overrides(n: int) -> int:
    one = add(a=n).with_overrides(
        node_name="first-one",
        name="shown",
        requests=Resources(cpu="1", mem="500Mi"),
        limits=Resources(cpu="2", mem="1Gi", gpu="1", ephemeral_storage="3Gi"),
        timeout=timedelta(seconds=90),
        retries=4,
        interruptible=True,
        container_image="ghcr.io/example/fast:3",
        accelerator=L4,
        shared_memory="1Gi",
    )
    two = add(a=one, b=2).with_overrides(cache=Cache(version="7", serialize=True))
    three = add(a=two).with_overrides(requests=Resources(mem="2Gi"), timeout=timedelta(0), interruptible=False)
    return add(a=three).with_overrides(
        pod_template=PodTemplate(
            primary_container_name="main",
            labels={"a": "b"},
            pod_spec=V1PodSpec(containers=[V1Container(name="main", working_dir="/work")]),
        )
    )


@workflow
def override_subs(n: int) -> int:
    return twice(n=n).with_overrides(node_name="sub", name="sub shown", interruptible=True)


@workflow
def aliased(text: str) -> NamedTuple("Aliased", head=str, rest=List[str]):
    made = split(text=text).with_overrides(aliases={"head": "beginning"})
    return split(text=text).head, made.tail


@task
def report(n: int, extra: Optional[str] = None, err: Optional[FlyteError] = None) -> str:
    return ""


@workflow
def report_all(n: int, err: Optional[FlyteError] = None) -> str:
    return report(n=n, err=err)


@workflow(on_failure=report)
def handled_by_task(n: int) -> int:
    return twice(n=n)


@workflow(on_failure=report_all)
def handled_by_workflow(n: int) -> int:
    return add(a=n)


built = Workflow(name="corpus.graphs.built", failure_policy=WorkflowFailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE)
given = built.add_workflow_input("n", int)
given_texts = built.add_workflow_input("texts", List[str])
made = built.add_entity(add, a=given, b=5)
sub = built.add_entity(four_times, n=made.outputs["o0"])
made >> built.add_entity(done)
built.add_workflow_output("text", sub.outputs["text"])
built.add_workflow_output("texts", [sub.outputs["text"], sub.outputs["text"]], python_type=List[str])
built.add_workflow_output("by_name", {"made": made.outputs["o0"]}, python_type=Dict[str, int])
built_handled = Workflow(name="corpus.graphs.built_handled")
handled_n = built_handled.add_workflow_input("n", int)
built_handled.add_workflow_output("o0", built_handled.add_entity(twice, n=handled_n).outputs["o0"])
built_handled.add_on_failure_handler(report)
