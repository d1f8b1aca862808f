import type { AsyncConnector } from "../connector/connector.ts";
import type { HostParts } from "../connector-calls/host-parts.ts";
import { EndpointLimit } from "./endpoint-limit.ts";
import type { JobState } from "./job-state.ts";

/** Requests a second where a connector names no number. */
const usualRate = 10;

/** The limits of all endpoints. */
export class EndpointLimits {
  readonly #parts: HostParts;
  readonly #limits = new Map<string, EndpointLimit>();
  readonly #ofStarts = new WeakMap<AsyncConnector, EndpointLimit>();

  constructor(parts: HostParts) {
    this.#parts = parts;
  }

  /** The limit of a job that the vendor has. */
  of(state: JobState): EndpointLimit {
    state.limit ??= this.#limit(state);
    return state.limit;
  }

  /** The limit of a connector's starts: where they go is not known before there is a job. */
  ofStarts(connector: AsyncConnector): EndpointLimit {
    let limit = this.#ofStarts.get(connector);
    if (limit === undefined) {
      limit = this.#named(`${connector.name}, starts`, connector);
      this.#ofStarts.set(connector, limit);
    }
    return limit;
  }

  #limit({ connector, job }: JobState): EndpointLimit {
    let endpoint = connector.name;
    try {
      endpoint = `${connector.name} ${connector.endpoint?.(job?.meta) ?? ""}`;
    } catch (error) {
      this.#parts.log.warn(`${connector.name} cannot tell an endpoint: ${String(error)}`);
    }
    return this.#named(endpoint, connector);
  }

  #named(endpoint: string, connector: AsyncConnector): EndpointLimit {
    let limit = this.#limits.get(endpoint);
    if (limit === undefined) {
      limit = new EndpointLimit(this.#parts, connector.requestsPerSecond ?? usualRate);
      this.#limits.set(endpoint, limit);
      const [oldest] = this.#limits.keys();
      if (this.#limits.size > 1_000 && oldest !== undefined) this.#limits.delete(oldest);
    }
    return limit;
  }
}
