import {
  type AnyEntity,
  type AnyType,
  type ConversionContext,
  FlyteError,
  formOf,
  hasDefault,
  type Literal,
  LiteralMap,
  nearest,
  typeLabel,
} from "@flyte-ts/core/plugin";
import type { Flag } from "../arguments/flags.ts";
import { jsonOf } from "../output/json-output.ts";
import { durationText } from "./durations.ts";
import type { InputSource } from "./input-source.ts";
import { converted, nativeOf, nativeOfText } from "./native-value.ts";
import { valuePlaceholder } from "./value-placeholder.ts";

/** Where an entity's inputs come from; a flag wins over the file. */
export interface GivenInputs {
  readonly flags: ReadonlyMap<string, string | boolean>;
  readonly source: InputSource | undefined;
}

/** The flags of an entity's inputs. */
export function inputFlags({ inputs }: AnyEntity): Flag[] {
  return Object.entries(inputs).map(([name, type]) => {
    const boolean = typeLabel(type).replace(/\?$/, "") === "boolean";
    const purpose = [typeLabel(type), stateOf(type), type.description ?? ""].filter((part) => part !== "").join("  ");
    return boolean ? { name, boolean, purpose } : { name, value: valuePlaceholder(type), purpose };
  });
}

export function stateOf(type: AnyType): string {
  if (hasDefault(type)) return `[default: ${defaultText(type)}]`;
  return type.isOptional ? "[optional]" : "[required]";
}

/** A default as it would be written on the command line. */
function defaultText(type: AnyType & { readonly defaultValue: unknown }): string {
  if (formOf(type).kind === "duration") return durationText(jsonOf(type, type.defaultValue) as number);
  const json = jsonOf(type, type.defaultValue);
  return typeof json === "string" && json !== "" ? json : JSON.stringify(json);
}

/**
 * The literals of an entity's inputs.
 * @throws FlyteError `InvalidInput` for inputs that are missing (all of them at once), unknown, or of the wrong type.
 */
export async function inputLiterals(
  entity: AnyEntity,
  { flags, source }: GivenInputs,
  context: ConversionContext,
): Promise<LiteralMap> {
  const { inputs } = entity;
  for (const name of Object.keys(source?.values ?? {})) {
    if (Object.hasOwn(inputs, name)) continue;
    const close = nearest(name, Object.keys(inputs));
    const hint =
      close === undefined ? `its inputs are: ${Object.keys(inputs).join(", ") || "none"}` : `did you mean "${close}"?`;
    throw new FlyteError("InvalidInput", `${source?.name}: ${entity.name} has no input "${name}"; ${hint}`);
  }
  const missing = Object.entries(inputs).filter(
    ([name, type]) => !flags.has(name) && source?.values[name] === undefined && !hasDefault(type) && !type.isOptional,
  );
  if (missing.length > 0) {
    const wanted = missing.map(([name, type]) => `--${name} ${valuePlaceholder(type)}`).join(" ");
    throw new FlyteError("InvalidInput", `${entity.name} needs ${wanted}`);
  }
  const literals: Record<string, Literal> = {};
  for (const [name, type] of Object.entries(inputs)) {
    const place = flags.has(name) ? `--${name}` : source?.values[name] !== undefined ? `${source.name}: ${name}` : name;
    const native = await nativeInput(type, flags.get(name), source?.values[name], place, context);
    literals[name] = await converted(place, () => type.toLiteral(native, context));
  }
  return LiteralMap.create({ literals });
}

async function nativeInput(
  type: AnyType,
  flag: string | boolean | undefined,
  value: InputSource["values"][string] | undefined,
  place: string,
  context: ConversionContext,
): Promise<unknown> {
  if (typeof flag === "boolean") return flag;
  if (flag !== undefined) return nativeOfText(type, flag, place, context);
  if (value !== undefined) return nativeOf(type, value, place, context);
  return hasDefault(type) ? type.defaultValue : null;
}
