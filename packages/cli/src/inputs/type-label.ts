import { type AnyType, formOf } from "@flyte-ts/core/plugin";

/** A type in a word or two, as `--help` and graphs show it: `int`, `list of string`, `a | b`, with `?` where optional. */
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

/** What stands for a value of the type in a command line: `INT`, `JSON`, `PATH`. */
export function valuePlaceholder(type: AnyType): string {
  const form = formOf(type);
  switch (form.kind) {
    case "integer":
      return "INT";
    case "float":
      return "NUMBER";
    case "boolean":
      return "true|false";
    case "datetime":
      return "TIME";
    case "date":
      return "DAY";
    case "duration":
      return "DURATION";
    case "bytes":
      return "BASE64";
    case "enum":
      return form.values.join("|");
    case "literal":
      return form.values.map(String).join("|");
    case "union":
      return form.variants.map(valuePlaceholder).join("|");
    case "file":
    case "directory":
    case "dataset":
      return "PATH";
    case "optional":
      return valuePlaceholder(form.item);
    case "string":
      return "TEXT";
    default:
      return "JSON";
  }
}
