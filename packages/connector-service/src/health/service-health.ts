import type { Server } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";

/** What `grpc.health.v1` answers, live: by service, by connector, by plugin, and for the whole (the empty name). */
export class ServiceHealth {
  readonly #health = new HealthImplementation({});
  readonly #states = new Map<string, boolean>();
  #draining = false;

  /** Sets whether something serves; while the service drains, nothing does. */
  set(name: string, serving: boolean): void {
    this.#states.set(name, serving);
    this.#health.setStatus(name, serving && !this.#draining ? "SERVING" : "NOT_SERVING");
  }

  /** True when the whole serves. */
  get serving(): boolean {
    return !this.#draining && this.#states.get("") === true;
  }

  /** Says of everything that it does not serve any longer. */
  drain(): void {
    this.#draining = true;
    for (const name of this.#states.keys()) this.#health.setStatus(name, "NOT_SERVING");
  }

  addTo(server: Server): void {
    this.#health.addToServer(server);
  }
}
