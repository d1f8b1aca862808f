import { FlyteError } from "../errors/flyte-error.ts";
import { ownValue } from "../types/collections.ts";
import { formOf } from "../types/type-form.ts";
import { typeLabel } from "../types/type-label.ts";
import type { AnyType } from "../types/type-transformer.ts";

/** A step into a value: a field's or map's key, or a list's index. */
export type PathStep = string | number;

/**
 * The type of a part of a value. Only parts that Flyte itself can reach: names in objects and maps, numbers in lists.
 * @throws FlyteError `InvalidDefinition` that names the output, the step and what there is.
 */
export function partOf(type: AnyType, step: PathStep, name: string): AnyType {
  const wrong = (message: string): FlyteError => new FlyteError("InvalidDefinition", `${name} ${message}`);
  const isIndex = typeof step === "number" && Number.isInteger(step) && step >= 0;
  const form = formOf(type);
  switch (form.kind) {
    case "json":
      // a JSON Schema may tell what stands there
      if (typeof step === "string" || isIndex) return type.partAt(step) ?? type;
      throw wrong(`has no part ${step}: items of a list are counted from 0`);
    case "list":
      if (isIndex) return form.item;
      throw wrong(`is a ${typeLabel(type)}, which has no part ${shownStep(step)}: its items are counted from 0`);
    case "map":
      if (typeof step === "string") return form.item;
      throw wrong(`is a ${typeLabel(type)}, which has no part ${step}: its values have names`);
    case "object": {
      const field = typeof step === "string" ? ownValue(form.fields, step) : undefined;
      if (field !== undefined) return field;
      throw wrong(`has no field ${shownStep(step)}; it has ${Object.keys(form.fields).join(", ")}`);
    }
    case "optional":
      throw wrong(`may be null, and Flyte reaches into no value that may be null; take it apart in a task`);
    default: {
      const part = type.partAt(step);
      if (part !== undefined) return part;
      throw wrong(`is ${typeLabel(type)}, which has no part ${shownStep(step)}`);
    }
  }
}

/**
 * A part of a value that is there.
 * @throws FlyteError `InvalidInput` when the value has no such part.
 */
export function partOfValue(whole: unknown, step: PathStep, name: string): unknown {
  if (typeof whole === "object" && whole !== null && Object.hasOwn(whole, step)) {
    return (whole as Readonly<Record<PathStep, unknown>>)[step];
  }
  throw new FlyteError("InvalidInput", `the value of ${name} has no part ${shownStep(step)}`);
}

/** A step in a message: a name in quotes, a number without. */
export const shownStep = (step: PathStep): string => (typeof step === "string" ? JSON.stringify(step) : String(step));
