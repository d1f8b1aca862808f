import type { SecretName, Secrets } from "../context/secrets.ts";
import type { Connection, ConnectorSecrets } from "./connector-context.ts";
import { Secret } from "./secret.ts";
import { SecretKeeper } from "./secret-keeper.ts";

/** The secrets of a process as a connector gets them. */
export function connectorSecrets(secrets: Secrets): ConnectorSecrets {
  return { get: async (name) => new Secret(await secrets.get(name)) };
}

/** The secrets that one call asks for, remembered for the call and for the host. */
export class CallSecrets implements ConnectorSecrets {
  readonly #secrets: ConnectorSecrets;
  readonly #all: SecretKeeper;
  readonly #texts: string[] = [];

  constructor(secrets: ConnectorSecrets, all: SecretKeeper, connection: Connection | undefined) {
    this.#secrets = secrets;
    this.#all = all;
    if (connection !== undefined) for (const secret of Object.values(connection.secrets)) this.#add(secret);
  }

  /** What this call has seen so far: none of it may stand in a meta. */
  seen(): SecretKeeper {
    const keeper = new SecretKeeper();
    for (const text of this.#texts) keeper.add(text);
    return keeper;
  }

  async get(name: SecretName): Promise<Secret> {
    const secret = await this.#secrets.get(name);
    this.#add(secret);
    return secret;
  }

  #add(secret: Secret): void {
    const text = secret.reveal();
    this.#texts.push(text);
    this.#all.add(text);
  }
}
