import { isIP } from "node:net";
import { FlyteError, type SecretName } from "@flyte-ts/core/plugin";
import { entriesOf, isHostPattern, matchesHost } from "./host-pattern.ts";

/** The variable that names which secret may go to which host: `key=host` or `group/key=*.domain`, with commas. */
const secretsVariable = "FLYTE_TS_HTTP_SECRETS";

/**
 * Which secrets tasks may send, and where to. Without a setting, every secret that the process can read may go to every
 * host that may be reached; with one, only what it names.
 */
export class SecretPolicy {
  readonly #rules: readonly { readonly secret: string; readonly host: string }[] | undefined;

  /** @throws FlyteError `InvalidInput` for an entry that is no `key=host`. */
  constructor(entries: readonly string[] | undefined) {
    this.#rules = entries?.map((entry) => {
      const [secret = "", host = "", ...more] = entry.split("=");
      if (secret !== "" && more.length === 0 && (isHostPattern(host) || isIP(host) !== 0)) return { secret, host };
      throw new FlyteError(
        "InvalidInput",
        `"${entry}" in ${secretsVariable} is no secret and host, such as desk-token=desk.example.com`,
      );
    });
  }

  /** The entries of `FLYTE_TS_HTTP_SECRETS`; undefined where it is not set. */
  static entries(env: Readonly<Record<string, string | undefined>>): readonly string[] | undefined {
    return env[secretsVariable] === undefined ? undefined : entriesOf(env[secretsVariable]);
  }

  /** @throws FlyteError `PermissionDenied` that names the secret and the host. */
  check({ group, key }: SecretName, hostname: string): void {
    const name = group === undefined ? key : `${group}/${key}`;
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    if (this.#rules?.some((rule) => rule.secret === name && matchesHost(rule.host, host)) !== false) return;
    throw new FlyteError(
      "PermissionDenied",
      `the secret "${name}" may not go to ${hostname}; the connector's operator can allow it in ${secretsVariable}`,
    );
  }
}
