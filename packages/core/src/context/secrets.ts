/** Which secret: a group and a key, both as the cluster names them. */
export interface SecretName {
  readonly group?: string;
  readonly key: string;
  readonly version?: string;
}

/** The secrets that a task asked for. */
export interface Secrets {
  /**
   * The secret's text, without white space around it.
   * @throws FlyteError `NotFound` that lists where it was looked for (names only).
   */
  get(name: SecretName): Promise<string>;
}
