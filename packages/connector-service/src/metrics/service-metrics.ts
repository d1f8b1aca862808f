import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Rpc } from "../services/rpc.ts";

/** Seconds; a connector's call is a request to a vendor, and Flyte waits ten seconds for it. */
const latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Bytes. */
const sizeBuckets = [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];

/** Gauges of prom-client's that have a counter's name, which Prometheus' own check refuses; each stands there by kind, too. */
const misnamed = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** The names of a series' labels would be made anew for each call; its children are kept here instead. */
interface Series {
  readonly succeeded: { inc(): void };
  readonly latency: { observe(seconds: number): void };
  readonly inputs: { observe(bytes: number): void };
}

/**
 * What Prometheus reads, under the names of flytekit's connector service. Where that has summaries, these are histograms:
 * their `_sum` and `_count` are the same series, and the buckets come on top.
 */
export class ServiceMetrics {
  readonly registry: Registry = new Registry();
  readonly #success: Counter<"task_type" | "operation">;
  readonly #failure: Counter<"task_type" | "operation" | "error_code">;
  readonly #latency: Histogram<"task_type" | "operation">;
  readonly #inputs: Histogram<"task_type">;
  readonly #series = new Map<string, Series>();
  readonly #known: (taskType: string) => boolean;

  /**
   * @param known says whether a task type is served: what else clients ask for is counted under one label, so that they
   * cannot fill the memory.
   * @param running the number of calls that are under way.
   * @param serving whether the connector of each task type serves.
   */
  constructor(
    known: (taskType: string) => boolean,
    running: () => number,
    serving: () => readonly (readonly [taskType: string, serves: boolean])[],
  ) {
    const registers = [this.registry];
    this.#known = known;
    this.#success = new Counter({
      name: "flyte_connector_requests_success_total",
      help: "Total number of successful requests",
      labelNames: ["task_type", "operation"],
      registers,
    });
    this.#failure = new Counter({
      name: "flyte_connector_requests_failure_total",
      help: "Total number of failed requests",
      labelNames: ["task_type", "operation", "error_code"],
      registers,
    });
    this.#latency = new Histogram({
      name: "flyte_connector_request_latency_seconds",
      help: "Time spent processing connector request",
      labelNames: ["task_type", "operation"],
      buckets: latencyBuckets,
      registers,
    });
    this.#inputs = new Histogram({
      name: "flyte_connector_input_literal_bytes",
      help: "Size of input literal",
      labelNames: ["task_type"],
      buckets: sizeBuckets,
      registers,
    });
    new Gauge({
      name: "flyte_connector_requests_running",
      help: "Requests that are being processed",
      registers,
      collect() {
        this.set(running());
      },
    });
    new Gauge({
      name: "flyte_connector_serving",
      help: "1 for a connector that is loaded, and whose vendor can be asked; else 0",
      labelNames: ["task_type"],
      registers,
      collect() {
        for (const [task_type, serves] of serving()) this.set({ task_type }, serves ? 1 : 0);
      },
    });
    collectDefaultMetrics({ register: this.registry });
    for (const name of misnamed) this.registry.removeSingleMetric(name);
  }

  /** A call was answered. */
  succeeded(rpc: Rpc): void {
    const series = this.#seriesOf(rpc);
    series.succeeded.inc();
    this.#measure(series, rpc);
  }

  /** A call failed; `code` is the HTTP number that flytekit would have. */
  failed(rpc: Rpc, code: number): void {
    const task_type = this.#label(rpc.taskType);
    this.#failure.inc({ task_type, operation: rpc.operation, error_code: String(code) });
    this.#measure(this.#seriesOf(rpc), rpc);
  }

  #measure(series: Series, rpc: Rpc): void {
    series.latency.observe((performance.now() - rpc.startedAt) / 1000);
    if (rpc.inputBytes !== undefined) series.inputs.observe(rpc.inputBytes);
  }

  #seriesOf(rpc: Rpc): Series {
    const key = `${rpc.operation} ${rpc.taskType}`;
    let series = this.#series.get(key);
    if (series !== undefined) return series;
    const task_type = this.#label(rpc.taskType);
    const labels = { task_type, operation: rpc.operation };
    series = {
      succeeded: this.#success.labels(labels),
      latency: this.#latency.labels(labels),
      inputs: this.#inputs.labels({ task_type }),
    };
    if (task_type === rpc.taskType) this.#series.set(key, series);
    return series;
  }

  #label(taskType: string): string {
    return taskType === "" || this.#known(taskType) ? taskType : "unknown";
  }
}
