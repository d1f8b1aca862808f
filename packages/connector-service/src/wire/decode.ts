import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { FlyteError } from "@flyte-ts/core/plugin";

/** A message that is seldom sent, whole. @throws FlyteError `InvalidInput` when the bytes are none. */
export function decode<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  try {
    return fromBinary(schema, bytes);
  } catch (cause) {
    throw new FlyteError("InvalidInput", `not a ${schema.typeName}: ${(cause as Error).message}`, { cause });
  }
}
