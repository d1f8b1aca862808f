import type { Connection, ConnectorSecrets } from "../connector/connector-context.ts";
import { Secret } from "../connector/secret.ts";
import type { SecretName, Secrets } from "../context/secrets.ts";
import { SecretKeeper } from "./secret-keeper.ts";

/** The secrets of a process as a connector gets them. */
export function connectorSecrets(secrets: Secrets): ConnectorSecrets {
  return { get: async (name) => new Secret(await secrets.get(name)) };
}

/** What the calls of a host share. */
interface SecretParts {
  readonly secrets: ConnectorSecrets;
  readonly keeper: SecretKeeper;
  readonly missingSecrets: WeakSet<object>;
}

/** The secrets that one call asks for, remembered for the call and for the host. */
export class CallSecrets implements ConnectorSecrets {
  readonly #parts: SecretParts;
  #texts: string[] | undefined;

  constructor(parts: SecretParts, connection: Connection | undefined) {
    this.#parts = parts;
    if (connection !== undefined) for (const secret of Object.values(connection.secrets)) this.#add(secret);
  }

  /** True when a text holds a secret that this call has seen: none may stand in a meta. */
  isIn(text: string): boolean {
    if (this.#texts === undefined) return false;
    const keeper = new SecretKeeper();
    for (const seen of this.#texts) keeper.add(seen);
    return keeper.isIn(text);
  }

  async get(name: SecretName): Promise<Secret> {
    try {
      const secret = await this.#parts.secrets.get(name);
      this.#add(secret);
      return secret;
    } catch (error) {
      if (typeof error === "object" && error !== null) this.#parts.missingSecrets.add(error);
      throw error;
    }
  }

  #add(secret: Secret): void {
    const text = secret.reveal();
    this.#texts ??= [];
    this.#texts.push(text);
    this.#parts.keeper.add(text);
  }
}
