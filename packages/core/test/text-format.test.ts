import { TaskSpec } from "@flyte-ts/core";
import { Literal, LiteralMap } from "@flyte-ts/core/plugin";
import { expect, test } from "vitest";

test("a message in protobuf's text format: fields in their order, maps by their keys, enums by their names", async () => {
  const spec = TaskSpec.fromJson({
    template: { id: { name: "a", resourceType: "TASK" }, custom: { b: [1.5, true], a: "x" } },
  });
  expect(await TaskSpec.toText(spec)).toBe(`template {
  id {
    resource_type: TASK
    name: "a"
  }
  custom {
    fields {
      key: "a"
      value {
        string_value: "x"
      }
    }
    fields {
      key: "b"
      value {
        list_value {
          values {
            number_value: 1.5
          }
          values {
            bool_value: true
          }
        }
      }
    }
  }
}
`);
});

test("texts and bytes are escaped, numbers are whole", async () => {
  const literals = LiteralMap.fromJson({
    literals: {
      'k"': { scalar: { primitive: { stringValue: 'ä "q" \\ \n\u0001' } } },
      b: { scalar: { binary: { value: "AP8nIkE=", tag: "t" } } },
      i: { scalar: { primitive: { integer: "-9223372036854775808" } } },
      n: { scalar: { primitive: { floatValue: "-Infinity" } } },
    },
  });
  const text = await LiteralMap.toText(literals);
  expect(text).toContain('key: "k\\""');
  expect(text).toContain('string_value: "ä \\"q\\" \\\\ \\n\\001"');
  expect(text).toContain(`value: "\\000\\377'\\"A"`);
  expect(text).toContain("integer: -9223372036854775808");
  expect(text).toContain("float_value: -inf");
  expect(await Literal.toText(Literal.create())).toBe("");
});
