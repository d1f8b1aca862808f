/** Mistakes in the wiring of workflows. */
import { conditional, imperativeWorkflow, mapTask, type NodeOutput, t, task, workflow } from "@flyte-ts/core";
import type { Mistake } from "./mistake.ts";
import { chain, choice, handled, inside, int, kinds, list, many, mapped, plan, started, text, tidy } from "./rights.ts";

const promise = (nodeId: string, name: string, ...attrPath: string[]) => ({
  promise: { nodeId, var: name, attrPath: attrPath.map((stringValue) => ({ stringValue })) },
});
/** A workflow with the inputs of `chain`. */
const wired = (build: (inputs: { readonly n: NodeOutput<number> }) => unknown) => () =>
  workflow({ name: "wrong", inputs: { n: t.int }, build: build as never });

const input = "template.nodes.1.inputs.0.binding";

export const graphs: readonly Mistake[] = [
  {
    what: "no node",
    ours: wired(() => {}),
    says: /has no node/,
    right: chain,
    wrong: [["template.nodes", []]],
    flyte: /NoNodesFound/,
  },
  {
    what: "an output of another type",
    ours: wired(({ n }) => text({ x: n as never })),
    says: /takes string, but input n is int/,
    right: kinds,
    wrong: [["template.nodes.1.inputs.0.binding", promise("", "s")]],
    flyte: /MismatchingTypes|MismatchingVariables/,
  },
  {
    what: "an output that may be missing, where it must not be",
    ours: wired(() => int({ x: task({ name: "m", output: t.optional(t.int), run: () => 1 })() as never })),
    says: /takes int, but n0\.o0 of m is int\?/,
    right: kinds,
    wrong: [["template.nodes.1.inputs.0.binding", promise("n0", "maybe")]],
    flyte: /MismatchingTypes/,
  },
  {
    what: "an item of another type",
    ours: wired(({ n }) => list({ x: [1, text({ x: "a" }) as never, n] })),
    says: /input "x"\[1\] takes int, but n0\.o0 of text is string|takes int, but n0\.o0 of right\.text is string/,
    right: kinds,
    wrong: [["template.nodes.3.inputs.0.binding", { collection: { bindings: [promise("", "s")] } }]],
    flyte: /MismatchingTypes/,
  },
  {
    what: "a missing input",
    ours: wired(() => int({} as never)),
    says: /needs a value for its input "x"/,
    right: chain,
    wrong: [["template.nodes.1.inputs", []]],
    flyte: /ParameterNotBound/,
  },
  {
    what: "an unknown input",
    ours: wired(({ n }) => int({ x: n, y: 1 } as never)),
    says: /has no input "y"/,
    right: chain,
    wrong: [["template.nodes.1.inputs.0.var", "y"]],
    flyte: /VariableNameNotFound/,
  },
  {
    what: "a node of another workflow",
    ours: () => {
      let stray: NodeOutput<number> | undefined;
      wired(({ n }) => {
        stray = int({ x: n }).o0;
        return stray;
      })();
      wired(() => int({ x: stray as NodeOutput<number> }))();
    },
    says: /does not belong to this workflow/,
    right: chain,
    wrong: [[input, promise("n7", "o0")]],
    flyte: /NodeReferenceNotFound/,
  },
  {
    what: "an unknown output",
    ours: wired(({ n }) => int({ x: (int({ x: n }) as never as { o1: NodeOutput<number> }).o1 })),
    says: /needs a value for its input "x"/,
    right: chain,
    wrong: [[input, promise("n0", "o1")]],
    flyte: /VariableNameNotFound/,
  },
  {
    what: "an unknown field of an object",
    ours: wired(() => {
      const point = task({ name: "p", output: t.object({ x: t.int }), run: () => ({ x: 1 }) })();
      return int({ x: point.o0.at("y" as "x") });
    }),
    says: /has no field "y"; it has x/,
    right: kinds,
    wrong: [["template.nodes.1.inputs.0.binding", promise("n0", "point", "y")]],
    flyte: /FieldNotFound/,
  },
  {
    what: "a constant of another type",
    ours: () => workflow({ name: "wrong", build: () => int({ x: "1" as never }) }),
    says: /expected an integer, got "1"/,
    right: chain,
    wrong: [[input, { scalar: { primitive: { stringValue: "1" } } }]],
    flyte: /MismatchingTypes/,
  },
  {
    what: "a constant that is none of an enum's",
    ours: () =>
      workflow({
        name: "wrong",
        build: () => task({ name: "c", inputs: { c: t.enum(["red"]) }, run: () => {} })({ c: "green" as never }),
      }),
    says: /"green"/,
    right: kinds,
    wrong: [["template.nodes.0.inputs.0.binding", { scalar: { primitive: { stringValue: "green" } } }]],
    flyte: /IllegalEnumValue/,
  },
  {
    what: "an output in an object",
    ours: wired(({ n }) => many({ point: { x: n } } as never)),
    says: /only lists and maps take outputs in them/,
    right: kinds,
    wrong: [["template.nodes.0.inputs.3.binding", { map: { bindings: { x: promise("", "s") } } }]],
    flyte: /MismatchingBindings/,
  },
  {
    what: "a file of another format",
    ours: wired(() => {
      const txt = task({ name: "txt", output: t.file("txt"), run: () => "x.txt" });
      task({ name: "csv", inputs: { x: t.file("csv") }, run: () => {} })({ x: txt() });
    }),
    says: /input "x" takes file/,
    right: kinds,
    wrong: [["template.interface.inputs.variables.csv.type.blob.format", "txt"]],
    flyte: /MismatchingTypes.*blob/s,
  },
  {
    what: "a dataset without a column that is needed",
    ours: wired(() => {
      const rows = task({ name: "rows", output: t.dataset({ columns: { name: t.string } }), run: () => [] as never });
      task({ name: "ids", inputs: { x: t.dataset({ columns: { id: t.int } }) }, run: () => {} })({
        x: rows() as never,
      });
    }),
    says: /input "x" takes dataset/,
    right: kinds,
    wrong: [["template.interface.inputs.variables.rows.type.structuredDatasetType.columns.0.name", "name"]],
    flyte: /MismatchingTypes/,
  },
  {
    what: "an output of the workflow that is bound to nothing",
    ours: wired(({ n }) => ({ a: int({ x: n }), b: 1 })),
    says: /what build returns as "b" is no output/,
    right: chain,
    wrong: [["template.outputs", []]],
    flyte: /ParameterNotBound/,
  },
  {
    what: "nodes that wait for each other",
    ours: wired(({ n }) => {
      const first = int({ x: n });
      int({ x: first }).runsBefore(first);
    }),
    says: /its nodes wait for each other/,
    right: chain,
    wrong: [["template.nodes.0.upstreamNodeIds", ["n1"]]],
    flyte: /CycleDetected|UnreachableNodes/,
  },
  {
    what: "a node that waits for the conditional that holds what needs it",
    ours: wired(({ n }) => {
      const first = int({ x: n });
      conditional("c")
        .if(n.gt(1), () => int({ x: first }))
        .fail("no")
        .runsBefore(first);
    }),
    says: /its nodes wait for each other/,
    right: choice,
    wrong: [["template.nodes.0.upstreamNodeIds", ["n1"]]],
    flyte: { takes: "Flyte's compiler does not look behind the nodes of a branch; the execution would never end" },
  },
  {
    what: "two nodes of one name",
    ours: wired(({ n }) => {
      int({ x: n }).withOverrides({ nodeName: "n1" });
      return int({ x: n });
    }),
    says: /are both the node "n1"/,
    right: chain,
    wrong: [
      ["template.nodes.1.id", "n0"],
      ["template.nodes.1.inputs.0.binding", promise("", "n")],
      ["template.outputs.0.binding", promise("n0", "o0")],
    ],
    flyte: { takes: "Flyte drops the second one without a word" },
  },
  {
    what: "an input with a name that cannot be bound",
    ours: () => workflow({ name: "wrong", inputs: { "a-b": t.int }, build: (given) => int({ x: given["a-b"] }) }),
    says: /"a-b" is no name of an input/,
    right: chain,
    wrong: [
      ["template.interface.inputs.variables.a-b", { type: { simple: "INTEGER" } }],
      ["template.nodes.0.inputs.0.binding", promise("", "a-b")],
    ],
    flyte: /SyntaxError/,
  },
  {
    what: "an alias that cannot be bound",
    ours: wired(({ n }) => int({ x: n }).withOverrides({ aliases: { o0: "my-sum" } })),
    says: /aliases\.o0 is "my-sum"/,
    right: chain,
    wrong: [
      ["template.nodes.0.outputAliases", [{ var: "o0", alias: "my-sum" }]],
      [input, promise("n0", "my-sum")],
    ],
    flyte: /SyntaxError/,
  },
  {
    what: "an alias of an output that there is not",
    ours: wired(({ n }) => int({ x: n }).withOverrides({ aliases: { sum: "total" } })),
    says: /the outputs are o0/,
    right: chain,
    wrong: [["template.nodes.0.outputAliases", [{ var: "sum", alias: "total" }]]],
    flyte: /ParameterNotBound/,
  },
  {
    what: "a node's name that no pod can have",
    ours: wired(({ n }) => int({ x: n }).withOverrides({ nodeName: "My_Node" })),
    says: /the override nodeName is "My_Node"/,
    right: chain,
    wrong: [
      ["template.nodes.1.id", "My_Node"],
      ["template.outputs.0.binding", promise("My_Node", "o0")],
    ],
    flyte: { takes: "only Kubernetes looks at it, when the pod is made" },
  },
  {
    what: "a workflow inside that does not come along",
    ours: () => imperativeWorkflow("empty"),
    says: /workflow empty has no node/,
    right: inside,
    wrong: [["subWorkflows", []]],
    flyte: /WorkflowReferenceNotFound|not found/,
  },
  {
    what: "a fixed input of a launch plan that is given",
    ours: wired(({ n }) => plan({ n } as never)),
    says: /right\.plan has no input "n"/,
    right: started,
    wrong: [["template.nodes.0.inputs", [{ var: "n", binding: promise("", "n") }]]],
    flyte: /VariableNameNotFound/,
  },
  {
    what: "a failure handler without the workflow's inputs",
    ours: () =>
      workflow({
        name: "wrong",
        inputs: { more: t.int },
        onFailure: tidy as never,
        build: ({ more }) => int({ x: more }),
      }),
    says: /has no input "more"/,
    right: handled,
    wrong: [
      ["template.failureNode.inputs", (before) => [...(before as []), { var: "more", binding: promise("", "n") }]],
    ],
    flyte: /VariableNameNotFound/,
  },
  {
    what: "a failure handler that needs more",
    ours: () =>
      workflow({
        name: "wrong",
        onFailure: tidy as never,
        build: () => int({ x: 1 }),
      }),
    says: /needs "n", which is no input of the workflow/,
    right: handled,
    wrong: [["template.failureNode.inputs", []]],
    flyte: /ParameterNotBound/,
  },
  {
    what: "a failure handler whose input has another type",
    ours: () =>
      workflow({
        name: "wrong",
        inputs: { n: t.string },
        onFailure: tidy as never,
        build: ({ n }) => text({ x: n }),
      }),
    says: /takes int for "n", which is str in the workflow/,
    right: handled,
    wrong: [["template.failureNode.inputs.1.binding", { scalar: { primitive: { stringValue: "a" } } }]],
    flyte: /MismatchingTypes/,
  },
  {
    what: "a map over values that are no list",
    ours: wired(({ n }) => mapTask(int)({ x: n as never })),
    says: /takes list of int, but input n is int/,
    right: mapped,
    wrong: [["template.interface.inputs.variables.xs.type", { simple: "INTEGER" }]],
    flyte: /MismatchingTypes/,
  },
];
