import { FlyteError, LiteralMap, type TaskRequest, TaskTemplate } from "@flyte-ts/core/plugin";
import { readConnection } from "./connection.ts";
import { readDeclaredOutputs } from "./declared-outputs.ts";
import { readAttempt } from "./execution-metadata.ts";
import type { CreateRequestBytes, RequestedCategory } from "./task-requests.ts";

/**
 * A request as connectors get it. Its template and its inputs are decoded when somebody looks at them: for a repeated
 * request nobody does.
 * @throws FlyteError `InvalidInput` for a request without a template, and, here or at the first look, where bytes are
 * no message.
 */
export function taskRequest(bytes: CreateRequestBytes, category: RequestedCategory): TaskRequest {
  const { template, inputs, metadata, connection } = bytes;
  if (template === undefined || category.name === "") {
    throw new FlyteError("InvalidInput", "the request has no task template with a type (template)");
  }
  const attempt = readAttempt(metadata ?? noBytes);
  let decodedTemplate: TaskTemplate | undefined;
  let decodedInputs: LiteralMap | undefined;
  return {
    category,
    outputPrefix: bytes.outputPrefix,
    ...attempt,
    connection: connection === undefined ? undefined : readConnection(connection),
    declaredOutputs: readDeclaredOutputs(template),
    get template() {
      decodedTemplate ??= TaskTemplate.decode(template);
      return decodedTemplate;
    },
    get inputs() {
      decodedInputs ??= LiteralMap.decode(inputs ?? noBytes);
      return decodedInputs;
    },
  };
}

const noBytes: Uint8Array = new Uint8Array();
