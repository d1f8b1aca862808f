import type { Resource } from "../connector/resource.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { joinUri } from "../storage/uri.ts";
import { ownValue } from "../types/collections.ts";
import { type Literal, LiteralMap, LiteralType, type TaskTemplate } from "../wire/messages.ts";
import { withConversion } from "./conversion-place.ts";
import type { HostParts } from "./host-parts.ts";

/** Declared outputs by name: protobuf's bytes of their literal types, in base64. */
export type DeclaredOutputs = Readonly<Record<string, string>>;

/** What a template declares, so that a job's outputs can be checked without it. */
export function declaredOutputs({ interface: declared }: TaskTemplate): DeclaredOutputs {
  const entries = Object.entries(declared?.outputs?.variables ?? {}).map(([name, { type }]) => {
    if (type === undefined) throw new FlyteError("InvalidInput", `the template's output "${name}" has no type`);
    return [name, Buffer.from(LiteralType.encode(type)).toString("base64")] as const;
  });
  return Object.fromEntries(entries);
}

/** The most characters (base64) of a type that is kept with all that it tells. */
const longestType = 4_096;

/**
 * Declared outputs as a meta keeps them: of a big type without the description of its fields, which the outputs' consumers
 * read from the task itself.
 */
export function keptOutputs(declared: DeclaredOutputs): DeclaredOutputs {
  const entries = Object.entries(declared);
  if (entries.every(([, type]) => type.length <= longestType)) return declared;
  return Object.fromEntries(
    entries.map(([name, type]) => {
      if (type.length <= longestType) return [name, type];
      const plain = withoutFields(LiteralType.decode(Buffer.from(type, "base64")));
      return [name, Buffer.from(LiteralType.encode(plain)).toString("base64")];
    }),
  );
}

/** Members of a union stay as they are: by their fields they are told apart. */
function withoutFields(literalType: LiteralType): LiteralType {
  const { metadata: _, ...plain } = literalType;
  const { type } = plain;
  if (type.case !== "collectionType" && type.case !== "mapValueType") return plain;
  return { ...plain, type: { case: type.case, value: withoutFields(type.value) } };
}

/**
 * A job's outputs as Flyte takes them: all that are declared, as literals; nothing where none are declared, or where
 * they are too big for an answer and stand in `outputs.pb` instead.
 * @throws FlyteError `UnknownOutput` (not recoverable) that names what is missing; `ConversionFailed`; a storage's.
 */
export async function jobOutputs(
  parts: HostParts,
  declared: DeclaredOutputs,
  outputs: Resource["outputs"],
  outputPrefix: string,
  signal: AbortSignal,
): Promise<{ readonly literals: LiteralMap; readonly bytes: number } | undefined> {
  const names = Object.keys(declared);
  if (names.length === 0) return undefined;
  const map = await literalsOf(parts, declared, outputs ?? {}, outputPrefix, signal);
  const bytes = LiteralMap.encode(map);
  if (bytes.byteLength <= parts.limits.maxOutputBytes) return { literals: map, bytes: bytes.byteLength };
  await parts.storage.write(joinUri(outputPrefix, "outputs.pb"), bytes, { signal });
  return undefined;
}

async function literalsOf(
  parts: HostParts,
  declared: DeclaredOutputs,
  outputs: NonNullable<Resource["outputs"]>,
  outputPrefix: string,
  signal: AbortSignal,
): Promise<LiteralMap> {
  const given: Readonly<Record<string, unknown>> = isLiteralMap(outputs) ? outputs.literals : outputs;
  const types = Object.entries(declared).map(
    ([name, type]) => [name, parts.types.guess(LiteralType.decode(Buffer.from(type, "base64")))] as const,
  );
  const missing = types.filter(([name, type]) => ownValue(given, name) === undefined && !type.isOptional);
  if (missing.length > 0) {
    const found = Object.keys(given);
    throw new FlyteError(
      "UnknownOutput",
      `the job succeeded without the declared outputs ${missing.map(([name]) => `"${name}"`).join(", ")}; ` +
        `it has ${found.length === 0 ? "none" : found.map((name) => `"${name}"`).join(", ")}`,
      { recoverable: false },
    );
  }
  const literals = await withConversion(parts, outputPrefix, signal, (context) =>
    Promise.all(
      types.map(async ([name, type]): Promise<[string, Literal]> => {
        const value = ownValue(given, name);
        if (isLiteralMap(outputs) && value !== undefined) return [name, value as Literal];
        try {
          return [name, await type.toLiteral(value ?? null, context)];
        } catch (thrown) {
          const error = FlyteError.from(thrown, "ConversionFailed");
          if (error.kind === "system" && error.recoverable) throw error;
          throw new FlyteError("ConversionFailed", `output ${name}: ${error.message}`, { cause: thrown });
        }
      }),
    ),
  );
  return LiteralMap.create({ literals: Object.fromEntries(literals) });
}

const isLiteralMap = (outputs: NonNullable<Resource["outputs"]>): outputs is LiteralMap =>
  "$typeName" in outputs && outputs.$typeName === LiteralMap.typeName;
