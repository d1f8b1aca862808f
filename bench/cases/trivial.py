"""The least that a workflow can be, for flytekit."""

from flytekit import task, workflow


@task
def greet(name: str) -> str:
    return f"Hello, {name}"


@workflow
def greeting(name: str) -> str:
    return greet(name=name)
