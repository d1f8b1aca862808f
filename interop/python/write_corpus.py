"""Workflows of every kind, written in flytekit, as the messages that flytekit registers.

Reads {project, domain, version, modules: names of modules in corpus/}; prints for every workflow of each module what
`get_serializable` makes of it and of all that it uses: {module: {workflow: {tasks, workflows, plans}}}, each by name, in
protobuf's JSON. The same workflows stand in interop/src/corpus, in modules of the same names.
"""

import importlib
import json
import sys
from collections import OrderedDict

from flytekit.configuration import Image, ImageConfig, SerializationSettings
from flytekit.core.array_node_map_task import ArrayNodeMapTask
from flytekit.core.context_manager import FlyteContextManager
from flytekit.core.launch_plan import LaunchPlan
from flytekit.core.workflow import WorkflowBase
from flytekit.models.admin.workflow import WorkflowSpec
from flytekit.models.launch_plan import LaunchPlan as LaunchPlanModel
from flytekit.models.task import TaskSpec
from flytekit.tools.translator import get_serializable
from google.protobuf.json_format import MessageToDict

asked = json.load(sys.stdin)
modules = asked.pop("modules")
settings = SerializationSettings(
    **asked, image_config=ImageConfig(default_image=Image(name="default", fqn="img", tag="1"))
)


def written(workflow, plans):
    entities = OrderedDict()
    for plan in [LaunchPlan.get_default_launch_plan(FlyteContextManager.current_context(), workflow), *plans]:
        get_serializable(entities, settings, plan)
    for inner in [entity for entity in entities if isinstance(entity, WorkflowBase) and hasattr(entity, "nodes")]:
        default = LaunchPlan.get_default_launch_plan(FlyteContextManager.current_context(), inner)
        get_serializable(entities, settings, default)
    # what a map task maps is registered too, where a whole module is
    for mapped in [entity.python_function_task for entity in entities if isinstance(entity, ArrayNodeMapTask)]:
        get_serializable(entities, settings, mapped)
    messages = [entity for entity in entities.values() if isinstance(entity, (TaskSpec, WorkflowSpec, LaunchPlanModel))]

    def named(model, name):
        return {name(m): MessageToDict(m.to_flyte_idl()) for m in messages if isinstance(m, model)}

    return {
        "tasks": named(TaskSpec, lambda spec: spec.template.id.name),
        "workflows": named(WorkflowSpec, lambda spec: spec.template.id.name),
        "plans": named(LaunchPlanModel, lambda plan: plan.id.name),
    }


def workflows_of(name):
    module = importlib.import_module(f"corpus.{name}")
    made = [one for one in vars(module).values() if isinstance(one, WorkflowBase) and hasattr(one, "nodes")]
    own = getattr(module, "PLANS", {})
    return {one.name: written(one, own.get(one.name.split(".")[-1], [])) for one in made}


json.dump({name: workflows_of(name) for name in modules}, sys.stdout)
