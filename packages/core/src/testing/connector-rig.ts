import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import type { Connector } from "../connector/connector.ts";
import { ConnectorRegistry } from "../connector/connector-registry.ts";
import { Secret } from "../connector/secret.ts";
import { withConversion } from "../connector-calls/conversion-place.ts";
import type { ConnectorHostLimits } from "../connector-calls/host-options.ts";
import type { JobAnswer, TaskRequest } from "../connector-calls/host-request.ts";
import { ConnectorHost } from "../connector-host/connector-host.ts";
import type { Log, LogLevel } from "../context/log.ts";
import { DatasetStore } from "../dataset/dataset-store.ts";
import { StorageRegistry } from "../storage/storage-registry.ts";
import { uniqueName } from "../storage/unique-name.ts";
import { toLiterals } from "../types/conversion.ts";
import { TypeEngine } from "../types/type-engine.ts";
import type { AnyType } from "../types/type-transformer.ts";
import { taskRequest } from "./connector-calls.ts";
import type { SubjectTask } from "./connector-subject.ts";
import { ManualClock } from "./manual-clock.ts";

/** What can be said of a request that is not the first of its kind. */
export interface Attempt {
  readonly attempt?: number;
  /** The folder of the node's attempts, below that of the case. */
  readonly folder?: string;
}

/** The time that a caller gives the host, as propeller does by default, in milliseconds. */
export const callerMs = 10_000;

/** A subject as far as the rig is concerned. */
interface RigSubject extends SubjectTask {
  readonly connector: Connector;
  readonly restarted?: (() => Connector) | undefined;
}

/** A connector behind hosts that know nothing of each other, as processes do, with a clock that stands still. */
export class ConnectorRig {
  readonly clock: ManualClock = new ManualClock();
  readonly storage: StorageRegistry = new StorageRegistry();
  readonly types: TypeEngine = new TypeEngine();
  /** Every line that was logged, with its fields. */
  readonly lines: string[] = [];
  /** Stands in every secret. */
  readonly canary: string = `canary-${uniqueName()}`;
  readonly #subject: RigSubject;
  readonly #directory: string;
  readonly #hosts: ConnectorHost[] = [];
  readonly #datasets = new DatasetStore();

  private constructor(subject: RigSubject, directory: string) {
    this.#subject = subject;
    this.#directory = directory;
  }

  /** Runs a case on a new subject. */
  static async use<S extends RigSubject>(
    make: () => Promise<S>,
    run: (rig: ConnectorRig, subject: S) => Promise<void>,
  ): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), "flyte-ts-contract-"));
    const subject = await make();
    const rig = new ConnectorRig(subject, directory);
    try {
      await run(rig, subject);
    } finally {
      await Promise.all(rig.#hosts.map((host) => rig.settled(host.close())));
      await subject.close?.();
      await rm(directory, { recursive: true, force: true });
    }
  }

  get category(): { readonly name: string; readonly version: number } {
    const { type, taskTypeVersion } = this.#subject.template;
    return { name: type, version: taskTypeVersion };
  }

  /** A host that remembers nothing: what a restarted service is. */
  host(limits: Partial<ConnectorHostLimits> = {}): ConnectorHost {
    const registry = new ConnectorRegistry();
    const { connector, restarted } = this.#subject;
    registry.register(this.category.name, this.#hosts.length === 0 ? connector : (restarted?.() ?? connector));
    const { clock, storage, types, canary } = this;
    const { secretText = (_name: unknown, text: string) => text } = this.#subject;
    const host = new ConnectorHost({
      registry,
      storage,
      datasets: this.#datasets,
      types,
      clock,
      log: this.#log,
      secrets: { get: async (name) => new Secret(secretText(name, canary)) },
      limits: { cacheMs: 0, callMs: 20_000, ...limits },
      random: () => 0,
    });
    this.#hosts.push(host);
    return host;
  }

  /** What Flyte sends for an attempt of the subject's task. */
  async request({ attempt = 0, folder = "n0" }: Attempt = {}): Promise<TaskRequest> {
    const { template, inputs } = this.#subject;
    const variables = Object.entries(template.interface?.inputs?.variables ?? {});
    const types = variables.flatMap(([name, { type }]): [string, AnyType][] =>
      type === undefined ? [] : [[name, this.types.guess(type)]],
    );
    const outputPrefix = join(this.#directory, folder, String(attempt));
    const place = { storage: this.storage, datasets: this.#datasets, types: this.types };
    const literals = await withConversion(place, outputPrefix, new AbortController().signal, (context) =>
      toLiterals(inputs, Object.fromEntries(types), context, "input"),
    );
    const metadata = { project: "contract", domain: "development", execution: "suite" };
    return taskRequest(template, { inputs: literals, outputPrefix, attempt, metadata });
  }

  /** Creates as propeller does: with its deadline, which must be kept. */
  async create(host: ConnectorHost, attempt?: Attempt | TaskRequest): Promise<Uint8Array> {
    const request = attempt !== undefined && "template" in attempt ? attempt : await this.request(attempt);
    const before = this.clock.elapsed();
    const meta = await this.settled(host.create(request, { deadlineMs: callerMs }));
    const took = this.clock.elapsed() - before;
    assert.ok(took < callerMs, `create answers before its caller gives up, after ${took} of ${callerMs} ms`);
    return meta;
  }

  get(host: ConnectorHost, resourceMeta: Uint8Array): Promise<JobAnswer> {
    return this.settled(host.get({ category: this.category, resourceMeta }, { deadlineMs: callerMs }));
  }

  delete(host: ConnectorHost, resourceMeta: Uint8Array): Promise<void> {
    return this.settled(host.delete({ category: this.category, resourceMeta }, { deadlineMs: callerMs }));
  }

  /** Asks as propeller does, until an answer is as it should be; fails with the last one after an hour of it. */
  async until(
    host: ConnectorHost,
    resourceMeta: Uint8Array,
    what: string,
    good: (answer: JobAnswer) => boolean,
  ): Promise<JobAnswer> {
    for (let at = 0; ; at += 1) {
      const answer = await this.get(host, resourceMeta);
      if (good(answer)) return answer;
      assert.ok(at < 60, `${what}, but the last answer was ${JSON.stringify({ ...answer, outputs: undefined })}`);
      await this.clock.pass(30_000);
    }
  }

  /** Asks until the job is in a phase. */
  untilPhase(host: ConnectorHost, meta: Uint8Array, ...phases: readonly JobAnswer["phase"][]): Promise<JobAnswer> {
    return this.until(host, meta, `the job comes to ${phases.join(" or ")}`, ({ phase }) => phases.includes(phase));
  }

  /** What a promise comes to: the real world has its turn, then time passes by the clock. */
  async settled<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    const noted = (): void => {
      done = true;
    };
    promise.then(noted, noted);
    for (let gone = 0; ; gone += 250) {
      const since = performance.now();
      do await new Promise((resolve) => setImmediate(resolve));
      while (!done && performance.now() - since < (this.#subject.patienceMs ?? 5));
      if (done) return promise;
      assert.ok(gone < 120_000, "every call comes to an end within two minutes");
      await this.clock.pass(250);
    }
  }

  get #log(): Log {
    const at = (level: LogLevel) => (message: string, fields?: unknown) => {
      this.lines.push(`${level} ${message} ${inspect(fields, { depth: 10 })}`);
    };
    return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  }
}
