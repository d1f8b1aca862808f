import { type AnyType, formOf } from "@flyte-ts/core/plugin";

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
