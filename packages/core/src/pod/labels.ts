import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";

const name = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const domain = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function isKey(key: string): boolean {
  const [last = "", ...before] = key.split("/").reverse();
  if (before.length > 1) return false;
  return name.test(last) && before.every((prefix) => domain.test(prefix));
}

/** Labels and annotations of a Kubernetes object, by key. */
export interface ObjectMetadata {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Refuses what Kubernetes would refuse once the pod is made.
 * @param owner what the message begins with, such as `task t1`.
 * @throws FlyteError `InvalidDefinition` that names the owner and the key.
 */
export function checkObjectMetadata(owner: string, { labels = {}, annotations = {} }: ObjectMetadata): void {
  const bad = (what: string, right: string): FlyteError =>
    new FlyteError("InvalidDefinition", `${owner}: ${what}; ${right}`);
  for (const [place, entries] of [["label", labels] as const, ["annotation", annotations] as const]) {
    for (const [key, value] of Object.entries(entries)) {
      if (!isKey(key)) {
        throw bad(
          `the ${place} "${key}" has no legal key`,
          "letters, digits and - _ . (63 at most), with a domain and / in front if need be",
        );
      }
      if (typeof value !== "string") throw bad(`the ${place} "${key}" is ${shown(value)}`, "it must be a string");
      if (place === "label" && value !== "" && !name.test(value)) {
        throw bad(`the label "${key}" is ${shown(value)}`, "letters, digits and - _ . only, 63 at most");
      }
    }
  }
}
