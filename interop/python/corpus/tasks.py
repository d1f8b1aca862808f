"""Tasks with all that a task may say about how it is run, and tasks of other kinds than a function."""

from datetime import timedelta
from typing import List

from flytekit import Cache, ContainerTask, Documentation, PodTemplate, Resources, Secret, SourceCode, kwtypes, task, workflow
from flytekit.extras.accelerators import A100, T4, GPUAccelerator
from flytekit.extras.tasks.shell import OutputLocation, ShellTask
from flytekit.models.documentation import Description
from flytekit.types.directory import FlyteDirectory
from flytekit.types.file import FlyteFile
from kubernetes.client import V1Container, V1EnvVar, V1PodSpec, V1Toleration, V1Volume, V1VolumeMount, V1EmptyDirVolumeSource


@task(retries=3, timeout=timedelta(minutes=90), interruptible=True, deprecated="use another", enable_deck=True)
def restless(n: int) -> int:
    return n


@task(interruptible=False, timeout=7, deck_fields=None, enable_deck=False)
def steady(n: int) -> int:
    return n


@workflow
def behaviour(n: int) -> int:
    return steady(n=restless(n=n))


@task(cache=Cache(version="1.0", serialize=True, ignored_inputs=("verbose", "seed")))
def cached_whole(n: int, verbose: bool, seed: int) -> int:
    return n


@task(cache=Cache(version="2"))
def cached_plain(n: int) -> int:
    return n


@workflow
def caches(n: int) -> int:
    return cached_plain(n=cached_whole(n=n, verbose=True, seed=1))


@task(
    requests=Resources(cpu="500m", mem="1Gi", ephemeral_storage="2Gi"),
    limits=Resources(cpu="2", mem="2Gi", gpu="1", ephemeral_storage="4Gi"),
    environment={"MODE": "fast", "EMPTY": ""},
    container_image="ghcr.io/example/other:2",
)
def sized(n: int) -> int:
    return n


@task(requests=Resources(cpu="1", mem="500M"))
def asked(n: int) -> int:
    return n


@task(limits=Resources(gpu="2"))
def limited(n: int) -> int:
    return n


@workflow
def resources(n: int) -> int:
    return limited(n=asked(n=sized(n=n)))


@task(accelerator=T4, shared_memory=True)
def on_t4(n: int) -> int:
    return n


@task(accelerator=A100.partition_2g_10gb, shared_memory="2Gi")
def on_part(n: int) -> int:
    return n


@task(accelerator=A100.unpartitioned)
def on_whole(n: int) -> int:
    return n


@task(accelerator=GPUAccelerator("our-own"))
def on_own(n: int) -> int:
    return n


@workflow
def accelerated(n: int) -> int:
    return on_own(n=on_whole(n=on_part(n=on_t4(n=n))))


@task(
    secret_requests=[
        Secret(group="db", key="password", mount_requirement=Secret.MountType.FILE),
        Secret(group="db", key="user", mount_requirement=Secret.MountType.ENV_VAR, env_var="DB_USER"),
        Secret(group="auth", key="token", group_version="v2", mount_requirement=Secret.MountType.FILE),
        Secret(group="any", key="thing", mount_requirement=Secret.MountType.ANY),
    ]
)
def trusted(n: int) -> int:
    return n


@workflow
def secrets(n: int) -> int:
    return trusted(n=n)


@task(
    pod_template=PodTemplate(
        primary_container_name="main",
        labels={"team": "data"},
        annotations={"example.com/note": "x"},
        pod_spec=V1PodSpec(
            containers=[
                V1Container(
                    name="main",
                    env=[V1EnvVar(name="OWN", value="1")],
                    volume_mounts=[V1VolumeMount(name="scratch", mount_path="/scratch")],
                ),
                V1Container(name="side", image="busybox:1", args=["sleep", "1"]),
            ],
            tolerations=[V1Toleration(key="gpu", operator="Exists")],
            volumes=[V1Volume(name="scratch", empty_dir=V1EmptyDirVolumeSource())],
        ),
    ),
    environment={"MODE": "pod"},
    requests=Resources(cpu="1"),
    limits=Resources(mem="1Gi"),
    labels={"kind": "task"},
    annotations={"example.com/task": "y"},
)
def in_pod(n: int) -> int:
    return n


@task(pod_template=PodTemplate(pod_spec=V1PodSpec(containers=[], node_selector={"disk": "fast"})), pod_template_name="base")
def in_plain_pod(n: int) -> int:
    return n


@task(pod_template_name="base")
def in_named_pod(n: int) -> int:
    return n


@workflow
def pods(n: int) -> int:
    return in_named_pod(n=in_plain_pod(n=in_pod(n=n)))


@task(
    docs=Documentation(
        short_description="Short.",
        long_description=Description(value="**Long**.", format=Description.DescriptionFormat.MARKDOWN, icon_link="https://example.com/i.png"),
        source_code=SourceCode(link="https://example.com/source"),
    )
)
def documented_task(n: int) -> int:
    return n


@workflow(
    docs=Documentation(
        short_description="Of the workflow.",
        long_description=Description(uri="https://example.com/docs", format=Description.DescriptionFormat.HTML),
    )
)
def docs(n: int) -> int:
    return documented_task(n=n)


raw = ContainerTask(
    name="corpus.tasks.raw",
    image="busybox:1",
    command=["sh", "-c", "cp {{.inputs.f}} /out/copy; echo {{.inputs.n}} > /out/count"],
    arguments=["--", "{{.inputs.n}}"],
    input_data_dir="/in",
    output_data_dir="/out",
    inputs=kwtypes(f=FlyteFile, n=int),
    outputs=kwtypes(copy=FlyteFile, count=int),
    requests=Resources(cpu="100m"),
    environment={"A": "b"},
    secret_requests=[Secret(group="g", key="k")],
)
spelled = ContainerTask(
    name="corpus.tasks.spelled",
    image="busybox:1",
    command=["true"],
    input_data_dir="/in",
    output_data_dir="/out",
    inputs=kwtypes(folder=FlyteDirectory),
    outputs=kwtypes(text=str),
    metadata_format=ContainerTask.MetadataFormat.YAML,
)
raw_pod = ContainerTask(
    name="corpus.tasks.raw_pod",
    image="busybox:1",
    command=["true"],
    input_data_dir="/in",
    output_data_dir="/out",
    inputs=kwtypes(n=int),
    pod_template=PodTemplate(
        labels={"a": "b"}, pod_spec=V1PodSpec(containers=[V1Container(name="primary", working_dir="/work")])
    ),
)


@workflow
def raw_containers(f: FlyteFile, folder: FlyteDirectory) -> FlyteFile:
    made = raw(f=f, n=3)
    spelled(folder=folder)
    raw_pod(n=made.count)
    return made.copy


shell = ShellTask(
    name="corpus.tasks.shell",
    script="cat {inputs.f} > {outputs.copy}",
    inputs=kwtypes(f=FlyteFile, n=int),
    output_locs=[OutputLocation(var="copy", var_type=FlyteFile, location="copy.txt")],
    requests=Resources(mem="64Mi"),
    environment={"LANG": "C"},
)


@workflow
def shells(f: FlyteFile) -> FlyteFile:
    return shell(f=f, n=1)


@task(cache=True, cache_version="9", retries=1)
def many(ns: List[int]) -> List[int]:
    return ns


@workflow
def repeated(ns: List[int]) -> List[int]:
    for _ in range(12):
        ns = many(ns=ns)
    return ns
