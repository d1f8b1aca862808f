/** Which secret: a group and a key, both as the cluster names them. */
export interface SecretName {
  readonly group?: string;
  readonly key: string;
  readonly version?: string;
}

/**
 * What is wrong with a secret's name, for a sentence that ends with it; undefined for a good one. What names a secret may be
 * a template that somebody else wrote: a part is a name, never a path.
 */
export function secretNameIssue({ group, version, key }: SecretName): string | undefined {
  if (key === "") return "a secret needs a key";
  const parts: readonly unknown[] = [group, version, key];
  const odd = parts.find((part) => part !== undefined && typeof part !== "string");
  if (odd !== undefined || key === undefined) return `${JSON.stringify(odd) ?? "nothing"} is no name`;
  const path = parts.find((part) => /[/\\\0]/.test(String(part)) || part === "." || part === "..");
  return path === undefined ? undefined : `"${path}" is no name, but a path`;
}

/** The secrets that a task asked for. */
export interface Secrets {
  /**
   * The secret's text, without white space around it.
   * @throws FlyteError `NotFound` that lists where it was looked for (names only).
   */
  get(name: SecretName): Promise<string>;
}
