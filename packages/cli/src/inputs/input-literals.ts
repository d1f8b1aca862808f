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
  throwProblems,
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
 * @throws FlyteError `InvalidInput` for inputs that are missing, unknown, or of the wrong type; several are said at once.
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
  const placeOf = (name: string): string => {
    if (flags.has(name)) return `--${name}`;
    return source?.values[name] === undefined ? name : `${source.name}: ${name}`;
  };
  // Nothing is stored of any input before all of them can be read.
  const natives = await eachOf(Object.entries(inputs), ([name, type]) =>
    nativeInput(type, flags.get(name), source?.values[name], placeOf(name), context),
  );
  const literals = await eachOf(Object.entries(inputs), async ([name, type], at): Promise<[string, Literal]> => {
    return [name, await converted(placeOf(name), () => type.toLiteral(natives[at], context))];
  });
  return LiteralMap.create({ literals: Object.fromEntries(literals) });
}

/** What becomes of each item, one after another. @throws FlyteError that says all that is wrong with them. */
async function eachOf<T, R>(items: readonly T[], make: (item: T, at: number) => Promise<R>): Promise<R[]> {
  const made: R[] = [];
  const problems: unknown[] = [];
  for (const [at, item] of items.entries()) {
    try {
      made.push(await make(item, at));
    } catch (error) {
      problems.push(error);
    }
  }
  throwProblems(problems);
  return made;
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
