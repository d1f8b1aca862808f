import { throwProblems } from "../errors/all-problems.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { isType, noTypeText } from "../types/checked-type.ts";
import type { AnyType, Types } from "../types/type-transformer.ts";

/** Names that no output may have, because a call has them already. */
export const reservedOutputNames = [
  "then",
  "catch",
  "finally",
  "outputs",
  "at",
  "with",
  "runsBefore",
  "withOverrides",
] as const;

/** True for a name that every call has already. */
export function isReserved(name: string): boolean {
  return (reservedOutputNames as readonly string[]).includes(name);
}

/** The names that propeller's compiler can parse where an output is bound (pkg/compiler/typing). */
const legalName = /^\w{1,255}$/;

/** True for what can be the name of an input or output. */
export function isVariable(name: string): boolean {
  return legalName.test(name) && name !== "__proto__";
}

/**
 * Checks the inputs and outputs of an entity.
 * @throws FlyteError `InvalidDefinition` for a name that Flyte cannot bind or that a call needs for itself, and for what
 * is no type.
 */
export function checkVariables(entity: string, inputs: Types, outputs: Types): void {
  const all: readonly (readonly ["input" | "output", string, AnyType])[] = [
    ...Object.entries(inputs).map(([name, type]) => ["input", name, type] as const),
    ...Object.entries(outputs).map(([name, type]) => ["output", name, type] as const),
  ];
  const problems = all.flatMap(([what, name, type]) => [
    ...(isVariable(name) ? [] : [`"${name}" is no name of an ${what}: letters, digits and _ only`]),
    ...(what === "output" && isReserved(name)
      ? [`no output may be called "${name}", which every call has already`]
      : []),
    ...(isType(type) ? [] : [`the type of the ${what} "${name}" ${noTypeText(type)}`]),
  ]);
  throwProblems(problems.map((problem) => new FlyteError("InvalidDefinition", `${entity}: ${problem}`)));
}
