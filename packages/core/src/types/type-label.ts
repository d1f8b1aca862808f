import { formOf } from "./type-form.ts";
import type { AnyType } from "./type-transformer.ts";

/** A type in a word or two, as messages, `--help` and graphs show it: `int`, `list of string`, `a | b`, with `?` where optional. */
export function typeLabel(type: AnyType): string {
  const form = formOf(type);
  switch (form.kind) {
    case "integer":
      return "int";
    case "enum":
      return form.values.join(" | ");
    case "literal":
      return form.values.map((value) => JSON.stringify(value)).join(" | ");
    case "union":
      return form.variants.map(typeLabel).join(" | ");
    case "list":
      return `list of ${typeLabel(form.item)}`;
    case "map":
      return `map of ${typeLabel(form.item)}`;
    case "optional":
      return `${typeLabel(form.item)}?`;
    case "object":
      return `object { ${Object.entries(form.fields)
        .map(([name, field]) => `${name}: ${typeLabel(field)}`)
        .join(", ")} }`;
    case "file":
    case "directory":
      return form.format === "" ? form.kind : `${form.kind} (${form.format})`;
    case "dataset": {
      const names = form.columns.map(({ name }) => name).join(", ");
      return names === "" ? "dataset" : `dataset (${names})`;
    }
    case "other":
      return type.name;
    default:
      return form.kind;
  }
}
