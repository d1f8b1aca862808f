/** Mistakes in conditionals. */
import { conditional, type NodeOutput, t, workflow } from "@flyte-ts/core";
import type { Mistake } from "./mistake.ts";
import { choice, float, int, text } from "./rights.ts";

type Given = Record<"n" | "f" | "b" | "when" | "color" | "maybe" | "xs", NodeOutput<never>>;
const inputs = {
  n: t.int,
  f: t.float,
  b: t.boolean,
  when: t.datetime,
  color: t.enum(["red", "blue"]),
  maybe: t.optional(t.int),
  xs: t.list(t.int),
};
const chosen = (build: (given: Given) => unknown) => () =>
  workflow({ name: "wrong", inputs, build: (given) => void build(given as never) });
/** A workflow with one condition. */
const where = (condition: (given: Given) => unknown) =>
  chosen((given) =>
    conditional("c")
      .if(condition(given) as never, () => int({ x: given.n }))
      .else(() => int({ x: 1 })),
  );

const branch = "template.nodes.1.branchNode.ifElse";
const first = `${branch}.case.condition.comparison`;

export const conditions: readonly Mistake[] = [
  {
    what: "an int compared with a float",
    ours: where(({ n }) => n.gt(1.5 as never)),
    says: /expected an integer, got 1\.5/,
    right: choice,
    wrong: [[`${first}.rightValue`, { primitive: { floatValue: 1.5 } }]],
    flyte: /MismatchingTypes/,
  },
  {
    what: "variables of two types compared",
    ours: where(({ n, f }) => n.gt(f as never)),
    says: /the types must be equal/,
    right: choice,
    wrong: [[`${first}.rightValue`, { var: ".f" }]],
    flyte: /MismatchingTypes/,
  },
  {
    what: "an enum compared with a constant",
    ours: where(({ color }) => color.eq("red" as never)),
    says: /compares DefaultEnumTransformer with another/,
    right: choice,
    wrong: [
      [first, { operator: "EQ", leftValue: { var: ".color" }, rightValue: { primitive: { stringValue: "red" } } }],
    ],
    flyte: /MismatchingTypes/,
  },
  {
    what: "a value that may be missing compared with a constant",
    ours: where(({ maybe }) => maybe.eq(1 as never)),
    says: /Typed Union; only int/,
    right: choice,
    wrong: [
      [
        "template.nodes.1.inputs",
        (before) => [...(before as []), { var: ".maybe", binding: { promise: { var: "maybe" } } }],
      ],
      [`${first}.leftValue`, { var: ".maybe" }],
    ],
    flyte: /MismatchingTypes/,
  },
  {
    what: "a part of a value compared",
    ours: where(({ xs }) => (xs as NodeOutput<number[]>).at(0).gt(1)),
    says: /is a part of one/,
    right: choice,
    wrong: [
      [
        "template.nodes.1.inputs",
        (before) => [
          ...(before as []),
          { var: ".xs", binding: { promise: { var: "xs", attrPath: [{ intValue: 0 }] } } },
        ],
      ],
      [`${first}.leftValue`, { var: ".xs" }],
    ],
    flyte: /MismatchingTypes/,
  },
  {
    what: "a condition about what is not bound",
    ours: where(({ n }) => n),
    says: /needs a condition, made by comparing outputs/,
    right: choice,
    wrong: [[`${first}.leftValue`, { var: ".gone" }]],
    flyte: /VariableNameNotFound/,
  },
  {
    what: "a condition with nothing to compare",
    ours: where(() => undefined),
    says: /needs a condition, made by comparing outputs/,
    right: choice,
    wrong: [[`${first}.rightValue`, { scalar: { noneType: {} } }]],
    flyte: /ValueRequired/,
  },
  {
    what: "no condition",
    ours: where(() => true),
    says: /needs a condition, made by comparing outputs/,
    right: choice,
    wrong: [[`${branch}.case.condition`, null]],
    flyte: /BranchNodeHasNoCondition/,
  },
  {
    what: "no way with a condition",
    ours: chosen(({ n }) =>
      (conditional("c") as never as { else(way: () => unknown): void }).else(() => int({ x: n })),
    ),
    says: /has no way with a condition/,
    right: choice,
    wrong: [[`${branch}.case`, null]],
    flyte: { unsent: "flyteadmin of 2023 dies of it, before it calls the compiler" },
  },
  {
    what: "no end",
    ours: chosen(({ n }) => conditional("c").if((n as NodeOutput<number>).gt(1), () => int({ x: n }))),
    says: /has no end/,
    right: choice,
    wrong: [[`${branch}.elseNode`, null]],
    flyte: /BranchNodeHasNoDefault/,
  },
  {
    what: "a way without a call",
    ours: chosen(({ n }) =>
      conditional("c")
        .if((n as NodeOutput<number>).gt(1), () => {})
        .fail("no"),
    ),
    says: /has a way without a call/,
    right: choice,
    wrong: [[`${branch}.other.0.thenNode`, null]],
    flyte: { unsent: "flyteadmin of 2023 dies of it, before it calls the compiler" },
  },
  {
    what: "ways whose outputs differ in type",
    ours: chosen(({ n, f }) =>
      conditional("c")
        .if((n as NodeOutput<number>).gt(1), () => int({ x: n }))
        .else((() => float({ x: f })) as never),
    ),
    says: /differ in type/,
    right: choice,
    wrong: [
      [`${branch}.elseNode.taskNode.referenceId.name`, "right.float"],
      [`${branch}.elseNode.inputs.0.binding`, { promise: { nodeId: "", var: "f" } }],
    ],
    flyte: /MismatchingTypes/,
  },
  {
    what: "a way's input of another type",
    ours: chosen(({ n }) =>
      conditional("c")
        .if((n as NodeOutput<number>).gt(1), () => text({ x: n as never }))
        .fail("no"),
    ),
    says: /takes string, but input n is int/,
    right: choice,
    wrong: [[`${branch}.elseNode.inputs.0.binding`, { promise: { nodeId: "", var: "f" } }]],
    flyte: /MismatchingTypes/,
  },
  {
    what: "an output of a way outside of it",
    ours: chosen(({ n }) => {
      let leaked: NodeOutput<number> | undefined;
      conditional("c")
        .if((n as NodeOutput<number>).gt(1), () => {
          const call = int({ x: n });
          leaked = call.o0;
          return call;
        })
        .fail("no");
      int({ x: leaked as NodeOutput<number> });
    }),
    says: /stands in conditional "c", whose branch may not be taken/,
    right: choice,
    wrong: [["template.nodes.2.inputs.0.binding", { promise: { nodeId: "n1-n0", var: "o0" } }]],
    flyte: /NodeReferenceNotFound/,
  },
  {
    what: "an order for a node in a way",
    ours: chosen(({ n }) => {
      const before = int({ x: n });
      conditional("c")
        .if((n as NodeOutput<number>).gt(1), () => {
          const call = int({ x: n });
          before.runsBefore(call);
          return call;
        })
        .fail("no");
    }),
    says: /Flyte keeps no order for a node in a branch/,
    right: choice,
    wrong: [[`${branch}.elseNode.upstreamNodeIds`, ["n0"]]],
    flyte: { takes: "Flyte's compiler makes no edge of it, so the order would not be kept" },
  },
  {
    what: "an order of booleans",
    ours: where(({ b }) => b.gt(true as never)),
    says: /booleans are equal or not, but have no order/,
    right: choice,
    wrong: [[first, { operator: "GT", leftValue: { var: ".b" }, rightValue: { primitive: { boolean: true } } }]],
    flyte: { takes: "Flyte's compiler does not look at operators; the execution would fail" },
  },
  {
    what: "a fraction of a second",
    ours: where(({ when }) => when.gt(new Date(1500) as never)),
    says: /Flyte compares whole seconds/,
    right: choice,
    wrong: [
      [
        first,
        {
          operator: "GT",
          leftValue: { var: ".when" },
          rightValue: { primitive: { datetime: "1970-01-01T00:00:01.500Z" } },
        },
      ],
    ],
    flyte: { takes: "propeller compares the seconds alone, so the answer may be wrong" },
  },
];
