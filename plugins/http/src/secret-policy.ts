import { isIP } from "node:net";
import { FlyteError, type SecretName } from "@flyte-ts/core/plugin";
import { entriesOf, isHostPattern, matchesHost } from "./host-pattern.ts";

/** The variable that names which secret may go where: rules with commas between them. */
const secretsVariable = "FLYTE_TS_HTTP_SECRETS";

/** A secret, and where it may go. */
interface SecretRule {
  /** `key`, `group/key` or `group/version/key`. */
  readonly secret: string;
  /** `http:` or `https:`. */
  readonly protocol: string;
  /** A host, `*.domain`, or an address without brackets. */
  readonly host: string;
  /** As a URL has it: empty for the protocol's own. */
  readonly port: string;
}

/**
 * Which secrets tasks may send, and where to: only what a rule names, since whoever may register a task can name any
 * secret of a connector service. Without a rule none goes anywhere, except on the machine of the task's own author.
 */
export class SecretPolicy {
  readonly #rules: readonly SecretRule[] | undefined;

  /**
   * @param entries rules: `key=host`, `group/key=*.domain`, `key=https://host:8443`, `key=http://host`. A rule without a
   * protocol is one for https, one without a port for that of the protocol. Undefined: every secret may go everywhere.
   * @throws FlyteError `InvalidInput` for an entry that is no rule.
   */
  constructor(entries: readonly string[] | undefined) {
    this.#rules = entries?.map(ruleOf);
  }

  /** The rules in `FLYTE_TS_HTTP_SECRETS`; undefined where it is not set. */
  static entries(env: Readonly<Record<string, string | undefined>>): readonly string[] | undefined {
    return env[secretsVariable] === undefined ? undefined : entriesOf(env[secretsVariable]);
  }

  /** @throws FlyteError `PermissionDenied` that names the secret, where it would go, and the rule that would let it. */
  check({ group, version, key }: SecretName, { protocol, hostname, port, host, origin }: URL): void {
    if (this.#rules === undefined) return;
    const secret = [group, version, key].filter((part) => part !== undefined && part !== "").join("/");
    const bare = hostname.replace(/^\[(.*)\]$/, "$1");
    const lets = (rule: SecretRule): boolean =>
      rule.secret === secret && rule.protocol === protocol && rule.port === port && matchesHost(rule.host, bare);
    if (this.#rules.some(lets)) return;
    const rule = `${secretsVariable}=${secret}=${protocol === "https:" ? host : origin}`;
    throw new FlyteError(
      "PermissionDenied",
      `the secret "${secret}" may not go to ${origin}; the connector's operator can allow it by ${rule} ` +
        "(several rules with commas between them)",
    );
  }
}

function ruleOf(entry: string): SecretRule {
  const [secret = "", target = "", ...more] = entry.split("=");
  const [, scheme = "https", place = ""] = /^(?:(https?):\/\/)?(.*)$/i.exec(target) ?? [];
  const [, brackets, name = "", port = ""] = /^(?:\[(.*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(place) ?? [];
  // an IPv6 address without brackets has no port
  const host = isIP(place) === 6 ? place : (brackets ?? name);
  const known = brackets === undefined ? isHostPattern(host) || isIP(host) !== 0 : isIP(host) === 6;
  const number = port === "" ? undefined : Number(port);
  if (secret === "" || more.length > 0 || !known || number === 0 || (number ?? 0) > 65_535) {
    throw new FlyteError(
      "InvalidInput",
      `"${entry}" in ${secretsVariable} is no secret and host, such as desk-token=desk.example.com or ` +
        "group/key=http://desk.internal:8080",
    );
  }
  const protocol = `${scheme.toLowerCase()}:`;
  const url = new URL(`${protocol}//a:${number ?? ""}`);
  return { secret, protocol, host: isIP(host) === 6 ? canonical(host) : host, port: url.port };
}

/** An IPv6 address as URLs write it. */
const canonical = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1);
