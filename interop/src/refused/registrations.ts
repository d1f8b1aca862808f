/** Mistakes in tasks, launch plans, names and sizes. */

import type { JsonValue } from "@bufbuild/protobuf";
import { containerTask, launchPlan, mapTask, task, workflow } from "@flyte-ts/core";
import type { Mistake } from "./mistake.ts";
import { chain, inside, int, many, mapped, open, pairs, podded, scheduled, sized, text } from "./rights.ts";

const run = (): void => {};
const container = "template.container";
const requests = `${container}.resources.requests`;
const limits = `${container}.resources.limits`;
const planned = (options: object) => () => launchPlan({ name: "wrong", workflow: chain, ...options } as never);

export const tasks: readonly Mistake[] = [
  {
    what: "a task without an image",
    ours: () => task({ name: "wrong", image: "", run }),
    says: /needs an image/,
    right: sized,
    wrong: [[`${container}.image`, ""]],
    flyte: /image/,
  },
  {
    what: "a container in which nothing runs",
    ours: () => containerTask({ name: "wrong", image: "busybox:1", command: [] }),
    says: /command and args are empty/,
    right: sized,
    wrong: [
      [`${container}.args`, null],
      [`${container}.command`, null],
    ],
    flyte: /ValueRequired/,
  },
  {
    what: "an amount that is none",
    ours: () => task({ name: "wrong", resources: { requests: { cpu: "1 core" } }, run }),
    says: /resources\.requests\.cpu is "1 core"/,
    right: sized,
    wrong: [[requests, [{ name: "CPU", value: "1 core" }]]],
    flyte: /Parsing of CPU request failed|UnrecognizedValue/,
  },
  {
    what: "a request above its limit",
    ours: () => task({ name: "wrong", resources: { requests: { memory: "2Gi" }, limits: { memory: "1Gi" } }, run }),
    says: /at most its limit/,
    right: sized,
    wrong: [
      [requests, [{ name: "MEMORY", value: "2Gi" }]],
      [limits, [{ name: "MEMORY", value: "1Gi" }]],
    ],
    flyte: /greater than the limit/,
  },
  {
    what: "half a GPU",
    ours: () => task({ name: "wrong", resources: { requests: { gpu: "0.5" } }, run }),
    says: /a whole number/,
    right: sized,
    wrong: [[requests, [{ name: "GPU", value: "0.5" }]]],
    flyte: /must be a whole number/,
  },
  {
    what: "more GPUs asked for than allowed",
    ours: () => task({ name: "wrong", resources: { requests: { gpu: 1 }, limits: { gpu: 2 } }, run }),
    says: /the limit itself/,
    right: sized,
    wrong: [[limits, [{ name: "GPU", value: "2" }]]],
    flyte: /must equal the limit/,
  },
  {
    what: "a container's name that no pod can have",
    ours: () => task({ name: "wrong", podTemplate: { spec: { containers: [{ name: "Side_Car", image: "b" }] } }, run }),
    says: /a container "Side_Car"/,
    right: podded,
    wrong: [["template.k8sPod.podSpec.containers.0.name", "Side_Car"]],
    flyte: /InvalidValue/,
  },
  {
    what: "a name with a space",
    ours: () => task({ name: "bad name", run }),
    says: /is no entity's name/,
    right: sized,
    wrong: [["template.id.name", "wrong name"]],
    flyte: { takes: "Flyte takes any name; ours stand in container arguments, URLs and file names" },
  },
  {
    what: "a cache without a version",
    ours: () => task({ name: "wrong", cache: "", run }),
    says: /cache is ""/,
    right: sized,
    wrong: [["template.metadata.discoveryVersion", null]],
    flyte: { takes: "only the catalog looks at it, when the task has run" },
  },
];

export const plans: readonly Mistake[] = [
  {
    what: "a fixed input that there is not",
    ours: planned({ fixed: { m: 1 } }),
    says: /fixed has "m"/,
    right: open,
    wrong: [["spec.fixedInputs", { literals: { m: { scalar: { primitive: { integer: "1" } } } } }]],
    flyte: /unexpected fixed_input m/,
  },
  {
    what: "a default of an input that there is not",
    ours: planned({ defaults: { m: 1 } }),
    says: /defaults has "m"/,
    right: open,
    wrong: [
      [
        "spec.defaultInputs.parameters.m",
        { var: { type: { simple: "INTEGER" } }, default: { scalar: { primitive: { integer: "1" } } } },
      ],
    ],
    flyte: /unexpected default_input m/,
  },
  {
    what: "a fixed input of another type",
    ours: () => launchPlan({ name: "wrong", workflow: chain, fixed: { n: "a" as never } }),
    says: /fixed input "n"/,
    right: open,
    wrong: [
      ["spec.defaultInputs.parameters", {}],
      ["spec.fixedInputs", { literals: { n: { scalar: { primitive: { stringValue: "a" } } } } }],
    ],
    flyte: /invalid fixed_input wrong type n/,
  },
  {
    what: "a default of another type",
    ours: () => launchPlan({ name: "wrong", workflow: chain, defaults: { n: "a" as never } }),
    says: /default of input "n"/,
    right: open,
    wrong: [["spec.defaultInputs.parameters.n.default", { scalar: { primitive: { stringValue: "a" } } }]],
    flyte: /Type mismatch for Parameter n/,
  },
  {
    what: "a schedule that leaves an input without a value",
    ours: planned({ schedule: { every: { hours: 1 } } }),
    says: /a schedule has no value for the input "n"/,
    right: scheduled,
    wrong: [["spec.entityMetadata.schedule.kickoffTimeInputArg", ""]],
    flyte: /unbound required input/,
  },
  {
    what: "a time of the start for an input that there is not",
    ours: planned({ fixed: { n: 1 }, schedule: { every: { hours: 1 }, kickoffInput: "m" } }),
    says: /"m", which is no free input/,
    right: scheduled,
    wrong: [
      ["spec.entityMetadata.schedule.kickoffTimeInputArg", "m"],
      ["spec.fixedInputs", { literals: { at: { scalar: { primitive: { datetime: "2024-01-01T00:00:00Z" } } } } }],
      ["spec.defaultInputs.parameters.at", null],
    ],
    flyte: /is not free or does not exist/,
  },
  {
    what: "a time of the start for an input that is none",
    ours: planned({ schedule: { every: { hours: 1 }, kickoffInput: "n" } }),
    says: /it must be a datetime/,
    right: scheduled,
    wrong: [
      ["spec.entityMetadata.schedule.kickoffTimeInputArg", "n"],
      ["spec.fixedInputs", { literals: { at: { scalar: { primitive: { datetime: "2024-01-01T00:00:00Z" } } } } }],
      ["spec.defaultInputs.parameters.at", null],
    ],
    flyte: /must reference a datetime input/,
  },
  {
    what: "a mail to nobody",
    ours: planned({ notifications: [{ phases: ["failed"], email: [] }] }),
    says: /email names no address/,
    right: scheduled,
    wrong: [["spec.entityMetadata.notifications.0.email.recipientsEmail", []]],
    flyte: /missing recipients/,
  },
  {
    what: "a mail while it runs",
    ours: planned({ notifications: [{ phases: ["running"], email: ["a@b.c"] }] }),
    says: /has "running"/,
    right: scheduled,
    wrong: [["spec.entityMetadata.notifications.0.phases", ["RUNNING"]]],
    flyte: /phase/,
  },
  {
    what: "a label's value that Kubernetes refuses",
    ours: planned({ labels: { a: "b c" } }),
    says: /label "a" is "b c"/,
    right: scheduled,
    wrong: [["spec.labels.values.a", "b c"]],
    flyte: /invalid label value/,
  },
  {
    what: "a cron expression that is none",
    ours: planned({ fixed: { n: 1 }, schedule: { cron: "* * * foo *" } }),
    says: /month: "foo" is no number/,
    right: scheduled,
    wrong: [
      ["spec.entityMetadata.schedule.rate", null],
      ["spec.entityMetadata.schedule.cronSchedule", { schedule: "* * * foo *" }],
    ],
    flyte: { takes: "flyteadmin of 2023 reads it when the launch plan is made active", unless: /cron/i },
  },
];

export const names: readonly Mistake[] = [
  {
    what: "two tasks of one name",
    ours: () => {
      const twin = task({ name: int.name, run });
      return workflow({
        name: "wrong",
        build: () => {
          twin();
          return int({ x: 1 });
        },
      });
    },
    says: /two different tasks are called "right\.int"/,
    right: sized,
    wrong: [["template.id.name", "right.text"]],
    flyte: /different structure|already exists/,
  },
  {
    what: "a workflow with the launch plan of another",
    ours: () => {
      return workflow({
        name: "wrong",
        build: () => {
          launchPlan({ name: inside.name, workflow: chain, fixed: { n: 1 } })();
          return inside({ n: 1 });
        },
      });
    },
    says: /two launch plans are called "right\.inside"/,
    right: open,
    wrong: [["id.name", "right.inside"]],
    flyte: /different structure|already exists/,
  },
  {
    what: "a map of a workflow",
    ours: () => mapTask(inside as never),
    says: /a workflow cannot be mapped/,
    right: mapped,
    wrong: [
      [
        "template.nodes.0.arrayNode.node",
        (before) => {
          const { taskNode: _, ...node } = before as { taskNode: unknown };
          return { ...node, workflowNode: { launchplanRef: { ...chainId(before), resourceType: "LAUNCH_PLAN" } } };
        },
      ],
    ],
    flyte: /MismatchingTypes|VariableNameNotFound/,
  },
  {
    what: "a map of a task with several outputs",
    ours: () => mapTask(many as never),
    says: /has 6 outputs/,
    right: pairs,
    wrong: [
      [
        "template.nodes.0",
        (before) => {
          const { taskNode, ...node } = before as { taskNode: JsonValue };
          return { ...node, arrayNode: { node: { ...node, taskNode } } };
        },
      ],
    ],
    flyte: { takes: "Flyte's compiler takes the interface of a map as it is; its elements have one output file each" },
  },
  {
    what: "no share of the elements that must succeed",
    ours: () => mapTask(int, { minSuccessRatio: 2 }),
    says: /minSuccessRatio is 2/,
    right: mapped,
    wrong: [["template.nodes.0.arrayNode.minSuccessRatio", 2]],
    flyte: { takes: "Flyte's compiler does not look at it; no execution could succeed" },
  },
  {
    what: "more than a cluster reads of one object",
    ours: () => workflow({ name: "wrong", build: () => text({ x: "x".repeat(3 * 2 ** 20) }) }),
    says: /3\.0 MiB, and the cluster reads no object above 2/,
    right: chain,
    wrong: [["template.nodes.1.metadata.name", "x".repeat(3 * 2 ** 20)]],
    flyte: { takes: "it is a cluster that reads more; a stock one could not start it", unless: /limit|larger|exceed/i },
  },
];

/** The identifier of the workflow `chain`, where and as the task of a node is registered. */
function chainId(node: unknown): object {
  const { taskNode } = node as { taskNode: { referenceId: object } };
  return { ...taskNode.referenceId, name: chain.name };
}
