import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FlyteError } from "../errors/flyte-error.ts";
import { type SecretName, type Secrets, secretNameIssue } from "./secrets.ts";

/** Where secrets are looked for. */
export interface EnvironmentSecretsOptions {
  /** The variables of the process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** True where no cluster puts secrets in place: a variable without the prefix is good enough then. */
  readonly local?: boolean;
}

/**
 * Secrets as Flyte's webhook injects them, looked up as flytekit does (flytekit/core/context_manager.py):
 *
 * 1. the variable `<prefix><GROUP>_<VERSION>_<KEY>` in upper case, without the parts that are not given; the prefix is
 *    `FLYTE_SECRETS_ENV_PREFIX`, else `_FSEC_`;
 * 2. locally, the same without the prefix;
 * 3. the file `<folder>/<group>/<version>/<file prefix><key>` in lower case; the folder is `FLYTE_SECRETS_DEFAULT_DIR`,
 *    else `/etc/secrets`, the file prefix `FLYTE_SECRETS_FILE_PREFIX`, else none.
 *
 * A part is a name, never a path: what asks for a secret may be a template that somebody else wrote.
 */
export class EnvironmentSecrets implements Secrets {
  readonly #env: EnvironmentSecretsOptions["env"];
  readonly #local: boolean;

  constructor({ env, local = false }: EnvironmentSecretsOptions) {
    this.#env = env;
    this.#local = local;
  }

  async get({ group, version, key }: SecretName): Promise<string> {
    const parts = [group, version, key].filter((part) => part !== undefined && part !== "") as string[];
    const issue = secretNameIssue({ ...(group && { group }), ...(version && { version }), key });
    if (issue !== undefined) {
      throw new FlyteError("InvalidInput", `the secret "${parts.join(" ")}" cannot be asked for: ${issue}`);
    }
    const name = parts.join("_").toUpperCase();
    const variables = [`${this.#setting("FLYTE_SECRETS_ENV_PREFIX", "_FSEC_")}${name}`, ...(this.#local ? [name] : [])];
    for (const variable of variables) {
      const value = this.#env[variable];
      if (value !== undefined) return value.trim();
    }
    const folders = parts.slice(0, -1).map((part) => part.toLowerCase());
    const file = join(
      this.#setting("FLYTE_SECRETS_DEFAULT_DIR", "/etc/secrets"),
      ...folders,
      this.#setting("FLYTE_SECRETS_FILE_PREFIX", "") + key.toLowerCase(),
    );
    try {
      return (await readFile(file, "utf8")).trim();
    } catch (cause) {
      throw new FlyteError(
        "NotFound",
        `no secret "${parts.join("/")}": there is neither the variable ${variables.join(" or ")} nor a readable file ` +
          `${file}; ${this.#local ? "set one of them" : "a task's pod has those that its secrets name"}`,
        { cause },
      );
    }
  }

  #setting(name: string, otherwise: string): string {
    return (this.#env[name] ?? otherwise).trim();
  }
}
