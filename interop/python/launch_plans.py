"""Launch plans and a workflow that starts them, written in flytekit, as the messages that flytekit registers.

Reads {project, domain, version}; prints {launch plans by name, and the nodes of the workflow that starts them}, in
protobuf's JSON. The same ones are in flytekit-launch-plans.test.ts.
"""

import json
import sys
from collections import OrderedDict
from datetime import datetime, timedelta, timezone
from typing import List, Optional

from flytekit import CronSchedule, Email, FixedRate, LaunchPlan, PagerDuty, Slack, reference_launch_plan, reference_task, task, workflow
from flytekit.configuration import Image, ImageConfig, SerializationSettings
from flytekit.models.common import Annotations, Labels, RawOutputDataConfig
from flytekit.models.concurrency import ConcurrencyPolicy
from flytekit.models.core.execution import WorkflowExecutionPhase as Phase
from flytekit.models.launch_plan import LaunchPlan as LaunchPlanModel
from flytekit.models.security import Identity, SecurityContext
from flytekit.tools.translator import get_serializable
from google.protobuf.json_format import MessageToDict


@task
def greet(name: str, times: int, at: datetime) -> str:
    return name


@workflow
def greeting(
    name: str, at: datetime, words: List[str], times: int = 2, tag: Optional[str] = None, title: Optional[str] = "Dr"
) -> str:
    return greet(name=name, times=times, at=at)


nightly = LaunchPlan.get_or_create(
    workflow=greeting,
    name="nightly",
    default_inputs={"times": 3, "words": ["a", "b"]},
    fixed_inputs={"name": "Ada"},
    schedule=CronSchedule(schedule="0 3 * * mon-fri", offset="PT15M", kickoff_time_input_arg="at"),
    notifications=[
        Email(phases=[Phase.FAILED, Phase.TIMED_OUT], recipients_email=["a@example.com", "b@example.com"]),
        Slack(phases=[Phase.SUCCEEDED], recipients_email=["c@example.com"]),
        PagerDuty(phases=[Phase.ABORTED], recipients_email=["d@example.com"]),
    ],
    labels=Labels({"team": "data"}),
    annotations=Annotations({"example.com/owner": "the whole team"}),
    raw_output_data_config=RawOutputDataConfig("s3://bucket/raw"),
    max_parallelism=5,
    security_context=SecurityContext(run_as=Identity(iam_role="arn:role", k8s_service_account="runner")),
    overwrite_cache=True,
    concurrency=ConcurrencyPolicy(max_concurrency=1),
)
rates = [
    LaunchPlan.get_or_create(
        workflow=greeting,
        name=f"rate-{minutes}",
        fixed_inputs={"name": "Ada", "at": datetime(2024, 1, 2, tzinfo=timezone.utc), "words": []},
        schedule=FixedRate(duration=timedelta(minutes=minutes)),
    )
    for minutes in (10, 120, 2880)
]


@reference_task(project="theirs", domain="production", name="m.score", version="v7")
def score(n: int) -> float: ...


@reference_launch_plan(project="theirs", domain="production", name="m.split", version="v7")
def split(text: str) -> str: ...


@workflow
def starts(at: datetime, n: int) -> float:
    first = nightly(at=at)
    default = LaunchPlan.get_or_create(workflow=greeting)(name=first, at=at, words=["c"])
    split(text=default)
    return score(n=n)


asked = json.load(sys.stdin)
settings = SerializationSettings(image_config=ImageConfig(Image("default", "img", "1")), **asked)
mapping = OrderedDict()
get_serializable(mapping, settings, starts)
for plan in [*rates, LaunchPlan.get_or_create(workflow=greeting)]:
    get_serializable(mapping, settings, plan)
plans = [one.to_flyte_idl() for one in mapping.values() if isinstance(one, LaunchPlanModel)]
nodes = mapping[starts].template.to_flyte_idl().nodes
json.dump(
    {"plans": {plan.id.name: MessageToDict(plan) for plan in plans}, "nodes": [MessageToDict(node) for node in nodes]},
    sys.stdout,
)
