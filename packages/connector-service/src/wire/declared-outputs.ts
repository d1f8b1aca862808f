import { FlyteError } from "@flyte-ts/core/plugin";
import { FieldReader } from "./field-reader.ts";

/**
 * The outputs that a `TaskTemplate` declares (`interface.outputs.variables`), by name: the bytes of their literal types, in
 * base64, as they came.
 * @throws FlyteError `InvalidInput` when the bytes are none, or an output has no type.
 */
export function readDeclaredOutputs(template: Uint8Array): Readonly<Record<string, string>> {
  const declared: Record<string, string> = {};
  for (const reader = new FieldReader(template); reader.next(); ) {
    if (reader.field !== 4) continue;
    for (const typed = reader.nested(); typed.next(); ) {
      if (typed.field !== 2) continue;
      for (const variables = typed.nested(); variables.next(); ) {
        if (variables.field === 1) readVariable(variables.nested(), declared);
      }
    }
  }
  return declared;
}

/** An entry of the map: the name, and a `Variable`, whose first field is the type. */
function readVariable(entry: FieldReader, declared: Record<string, string>): void {
  let name = "";
  let type: Buffer | undefined;
  while (entry.next()) {
    if (entry.field === 1) name = entry.text();
    else if (entry.field === 2) {
      for (const variable = entry.nested(); variable.next(); ) {
        if (variable.field === 1)
          type = type === undefined ? variable.bytes() : Buffer.concat([type, variable.bytes()]);
      }
    }
  }
  if (type === undefined) throw new FlyteError("InvalidInput", `the template's output "${name}" has no type`);
  const value = type.toString("base64");
  if (name === "__proto__") {
    Object.defineProperty(declared, name, { value, enumerable: true, configurable: true, writable: true });
  } else declared[name] = value;
}
