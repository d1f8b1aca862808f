import {
  create,
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonValue,
  type MessageInitShape,
  type MessageShape,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { eager } from "@flyte-ts/idl/lazy";
import { FlyteError } from "../errors/flyte-error.ts";

/** A protobuf message of Flyte's, with the ways in and out of it. */
export interface Codec<Desc extends DescMessage> {
  /** The message's full name, `flyteidl.core.LiteralMap` for instance. */
  readonly typeName: string;
  create(init?: MessageInitShape<Desc>): MessageShape<Desc>;
  /**
   * The message in protobuf's binary form.
   * @throws FlyteError `InvalidInput` that names the message when the bytes are not one.
   */
  decode(bytes: Uint8Array): MessageShape<Desc>;
  /** Protobuf's binary form; equal messages that were made in the same order give equal bytes. */
  encode(message: MessageShape<Desc>): Uint8Array;
  /** Protobuf's canonical JSON. */
  toJson(message: MessageShape<Desc>): JsonValue;
  /** Protobuf's text format, for people. */
  toText(message: MessageShape<Desc>): Promise<string>;
  /** @throws FlyteError `InvalidInput` that names the message when the JSON is not one. */
  fromJson(json: JsonValue): MessageShape<Desc>;
}

/** The codec of a generated message. */
export function codec<Desc extends DescMessage>(schema: Desc): Codec<Desc> {
  const bad = (cause: unknown): FlyteError =>
    new FlyteError("InvalidInput", `not a ${schema.typeName}: ${(cause as Error).message}`, { cause });
  // taken when first used: the descriptor is made then
  const desc = (): Desc => eager(schema);
  return {
    get typeName() {
      return schema.typeName;
    },
    create: (init) => create(desc(), init),
    decode(bytes) {
      try {
        return fromBinary(desc(), bytes);
      } catch (error) {
        throw bad(error);
      }
    },
    encode: (message) => toBinary(desc(), message),
    toJson: (message) => toJson(desc(), message),
    // what writes it is loaded where it is asked for: no container needs it
    toText: async (message) => (await import("./text-format.ts")).textFormat(desc(), message),
    fromJson(json) {
      try {
        return fromJson(desc(), json);
      } catch (error) {
        throw bad(error);
      }
    },
  };
}
