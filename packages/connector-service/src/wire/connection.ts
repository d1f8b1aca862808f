import { type Connection, Secret } from "@flyte-ts/core/plugin";
import { readEntry } from "./execution-metadata.ts";
import { FieldReader } from "./field-reader.ts";

/**
 * A `flyteidl2.core.Connection`; its secrets cannot be printed from here on.
 * @throws FlyteError `InvalidInput` when the bytes are none.
 */
export function readConnection(bytes: Uint8Array): Connection {
  let taskType = "";
  const texts: Record<string, string> = {};
  const configs: Record<string, string> = {};
  for (const reader = new FieldReader(bytes); reader.next(); ) {
    if (reader.field === 1) taskType = reader.text();
    else if (reader.field === 2) readEntry(reader.nested(), texts);
    else if (reader.field === 3) readEntry(reader.nested(), configs);
  }
  const secrets = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, new Secret(text)]));
  return { taskType, secrets, configs };
}
