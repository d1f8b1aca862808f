import { FlyteError } from "./flyte-error.ts";
import { nearest } from "./nearest.ts";
import { shown } from "./shown.ts";

/**
 * Holds options against those that there are. Files run without their types being checked, and one that is misspelt would
 * not hold without a word. What is undefined counts as left out.
 * @param place what stands before a name in messages: `config.`, or nothing for a task's own.
 * @throws FlyteError `InvalidDefinition` for what is no object, and for the first name that is no option, with the one that
 * was meant or all that there are.
 */
export function checkKnown(given: unknown, known: readonly string[], place = ""): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    const what = place === "" ? "the options are" : `${place.replace(/\.$/, "")} is`;
    throw new FlyteError("InvalidDefinition", `${what} ${shown(given)}; it must be an object of options`);
  }
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || known.includes(name)) continue;
    const near = nearest(name, known);
    const right = near === undefined ? `there are ${[...new Set(known)].join(", ")}` : `did you mean ${place}${near}?`;
    throw new FlyteError("InvalidDefinition", `${place}${name} is no option; ${right}`);
  }
}
