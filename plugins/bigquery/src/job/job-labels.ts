import { type ExecutionMetadata, FlyteError } from "@flyte-ts/core/plugin";

/** The most labels of a job. */
const maxLabels = 64;
const maxLength = 63;

/**
 * The labels of a task's job: the task's own, those of Flyte's execution, and which execution it is (`flyte-project`,
 * `flyte-domain`, `flyte-execution`, `flyte-node`), by which costs can be told apart in `INFORMATION_SCHEMA.JOBS`. What
 * BigQuery would refuse in Flyte's is changed: capitals to small letters, other signs to underscores.
 */
export function jobLabels(
  own: Readonly<Record<string, string>>,
  { project, domain, execution, node, labels }: ExecutionMetadata,
): Readonly<Record<string, string>> {
  const flytes = Object.entries({
    "flyte-project": project,
    "flyte-domain": domain,
    "flyte-execution": execution,
    "flyte-node": node,
    ...labels,
  })
    .filter(([, value]) => value !== "")
    .map(([key, value]) => [labelKey(key), sanitised(value)] as const)
    .filter(([key]) => !Object.hasOwn(own, key));
  return { ...Object.fromEntries(flytes.slice(0, maxLabels - Object.keys(own).length)), ...own };
}

/** A key begins with a letter. */
function labelKey(key: string): string {
  const text = sanitised(key);
  return /^\p{L}/u.test(text) ? text : `x${text}`.slice(0, maxLength);
}

const sanitised = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{Ll}\p{Lo}\p{N}_-]/gu, "_")
    .slice(0, maxLength);

/** @throws FlyteError `InvalidDefinition` for labels that BigQuery would refuse. */
export function checkLabels(labels: Readonly<Record<string, string>>): void {
  const bad = (what: string): FlyteError =>
    new FlyteError(
      "InvalidDefinition",
      `config.labels: ${what}; small letters, digits, - and _ only, ${maxLength} at most, and a letter at a key's beginning`,
    );
  if (typeof labels !== "object" || labels === null) throw bad(`${JSON.stringify(labels)} is no object of labels`);
  const entries = Object.entries(labels);
  if (entries.length > maxLabels) throw new FlyteError("InvalidDefinition", `config.labels: ${maxLabels} at most`);
  for (const [key, value] of entries) {
    if (typeof value !== "string") throw bad(`the value of "${key}" is no text`);
    if (key === "" || labelKey(key) !== key) throw bad(`the key ${JSON.stringify(key)} is not legal`);
    if (sanitised(value) !== value) throw bad(`the value ${JSON.stringify(value)} of "${key}" is not legal`);
  }
}
