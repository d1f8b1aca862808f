"""Workflows that start others: maps, dynamic tasks, launch plans, and what is registered already."""

import functools
from datetime import datetime, timedelta, timezone
from typing import Dict, List, Optional

from flytekit import CronSchedule, FixedRate, LaunchPlan, dynamic, map_task, reference_launch_plan, reference_task, task, workflow
from flytekit import Resources


@task(retries=2, requests=Resources(cpu="1"), environment={"A": "b"})
def scale(x: int, factor: float) -> float:
    return x * factor


@task
def announce(text: str):
    pass


@task
def add_up(xs: List[float]) -> float:
    return 0.0


@task
def add_some(xs: List[Optional[float]]) -> float:
    return 0.0


@workflow
def maps(xs: List[int], factor: float) -> float:
    map_task(announce)(text=["a", "b"])
    scaled = map_task(functools.partial(scale, factor=factor))(x=xs)
    return add_up(xs=scaled)


@workflow
def limited_maps(xs: List[int]) -> float:
    some = map_task(scale, concurrency=4, min_success_ratio=0.75)(x=xs, factor=[1.0, 2.0])
    return add_some(xs=some)


@workflow
def overridden_map(xs: List[int]) -> List[float]:
    return map_task(scale)(x=xs, factor=[0.5]).with_overrides(
        requests=Resources(mem="1Gi"), name="shown", retries=5, timeout=timedelta(minutes=3)
    )


@dynamic(retries=1)
def spread(n: int) -> List[float]:
    return [scale(x=i, factor=1.0) for i in range(n)]


@workflow
def with_dynamic(n: int) -> float:
    return add_up(xs=spread(n=n))


@workflow
def started(n: int, name: str = "x", at: Optional[datetime] = None) -> float:
    announce(text=name)
    return scale(x=n, factor=1.0)


started_twice = LaunchPlan.get_or_create(
    workflow=started, name="corpus.starts.twice", default_inputs={"name": "y"}, fixed_inputs={"n": 2}
)


@workflow
def starts(n: int) -> float:
    first = LaunchPlan.get_or_create(workflow=started)(n=n)
    started_twice(name="z")
    return first


@reference_task(project="theirs", domain="production", name="m.score", version="v7")
def score(n: int, by_name: Dict[str, int]) -> float:
    return 0.0


@reference_launch_plan(project="theirs", domain="production", name="m.plan", version="v7")
def plan(text: str) -> float:
    return 0.0


@workflow
def refers(n: int) -> float:
    plan(text="a")
    return score(n=n, by_name={"a": n, "b": 1})


@workflow
def scheduled(n: int, at: datetime) -> float:
    return scale(x=n, factor=0.5)


PLANS = {
    "scheduled": [
        LaunchPlan.get_or_create(
            workflow=scheduled,
            name="corpus.starts.nightly",
            fixed_inputs={"n": 1},
            schedule=CronSchedule(schedule="0 3 * * *", kickoff_time_input_arg="at"),
            max_parallelism=3,
        ),
        LaunchPlan.get_or_create(
            workflow=scheduled,
            name="corpus.starts.hourly",
            fixed_inputs={"n": 1, "at": datetime(2024, 1, 1, tzinfo=timezone.utc)},
            schedule=FixedRate(duration=timedelta(hours=1)),
        ),
    ]
}
