import type { GrpcCall } from "../grpc/grpc-call.ts";
import type { GrpcServer } from "../grpc/grpc-server.ts";
import { StatusError, status } from "../grpc/status.ts";
import { FieldReader } from "../wire/field-reader.ts";
import { FieldWriter } from "../wire/field-writer.ts";

/** `HealthCheckResponse.ServingStatus`. */
const servingStatus = { SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;

/** What `grpc.health.v1` answers, live: by service, by connector, by plugin, and for the whole (the empty name). */
export class ServiceHealth {
  readonly #states = new Map<string, boolean>();
  readonly #watchers = new Set<() => void>();
  #draining = false;

  /** Sets whether something serves; while the service drains, nothing does. */
  set(name: string, serving: boolean): void {
    this.#states.set(name, serving);
    this.#changed();
  }

  /** True when the whole serves. */
  get serving(): boolean {
    return !this.#draining && this.#states.get("") === true;
  }

  /** Says of everything that it does not serve any longer. */
  drain(): void {
    this.#draining = true;
    this.#changed();
  }

  /** Answers probes, which show no tokens. */
  addTo(server: GrpcServer): void {
    const path = "/grpc.health.v1.Health";
    const answered = (answer: (request: Buffer) => Buffer) => (call: GrpcCall) =>
      call.readOne((request) => call.answer(answer(request)));
    server.handle(
      `${path}/Check`,
      answered((request) => this.#check(serviceIn(request))),
    );
    server.handle(
      `${path}/List`,
      answered(() => this.#list()),
    );
    server.handle(`${path}/Watch`, (call) => call.readOne((request) => this.#watch(call, serviceIn(request))));
  }

  #check(name: string): Buffer {
    const found = this.#statusOf(name);
    if (found === servingStatus.SERVICE_UNKNOWN) {
      throw new StatusError(status.NOT_FOUND, `nothing here is called "${name}"`);
    }
    return response(found);
  }

  #list(): Buffer {
    const list = new FieldWriter();
    for (const name of this.#states.keys()) {
      const entry = new FieldWriter().text(1, name).message(2, response(this.#statusOf(name)));
      list.message(1, entry.finish());
    }
    return list.finish();
  }

  /** Tells a client how something is, and each time when that has changed, until it goes. */
  #watch(call: GrpcCall, name: string): void {
    let told: number | undefined;
    const tell = (): void => {
      const found = this.#statusOf(name);
      if (found === told) return;
      told = found;
      call.write(response(found));
    };
    this.#watchers.add(tell);
    call.onCancelled = () => this.#watchers.delete(tell);
    tell();
  }

  #statusOf(name: string): number {
    const serves = this.#states.get(name);
    if (serves === undefined) return servingStatus.SERVICE_UNKNOWN;
    return serves && !this.#draining ? servingStatus.SERVING : servingStatus.NOT_SERVING;
  }

  #changed(): void {
    for (const tell of this.#watchers) tell();
  }
}

/** `HealthCheckRequest`. */
function serviceIn(request: Buffer): string {
  let name = "";
  for (const reader = new FieldReader(request); reader.next(); ) if (reader.field === 1) name = reader.text();
  return name;
}

/** `HealthCheckResponse`. */
const response = (found: number): Buffer => new FieldWriter().number(1, found).finish();
