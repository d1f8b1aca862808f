import type { JsonObject } from "@bufbuild/protobuf";
import { FlyteError } from "../errors/flyte-error.ts";
import type { Natives } from "../graph/call.ts";
import type { AcceptedOutputs } from "../task/function-task.ts";
import type { Types } from "../types/type-transformer.ts";
import type { PollAnswer, PollContext, PollRequest, Sensor } from "./sensor.ts";

/**
 * A condition that tasks wait for. One instance serves every task, many at once: what belongs to one of them comes with
 * the request.
 *
 * `Config` is what a task says besides its inputs, fixed when it is registered; `Memory` what is remembered from poll to
 * poll.
 */
export abstract class BaseSensor<
  Inputs extends Types = Types,
  Outputs extends Types = Record<never, never>,
  Config = JsonObject,
  Memory = unknown,
> implements Sensor
{
  /** By which the manifest of its plugin names it (`provides.sensors`). */
  abstract readonly name: string;
  abstract readonly inputs: Inputs;
  abstract readonly outputs: Outputs;
  /** Requests a second to one endpoint, over all tasks that wait in a process. */
  readonly requestsPerSecond: number = 10;

  /**
   * Asks once. What it throws decides what becomes of the task:
   *
   * - a `FlyteError` that is recoverable (`Unavailable`, `Throttled`) is a passing fault: it is asked again;
   * - any other `FlyteError` says that this will never be: the task fails with it;
   * - a `TypeError`, `ReferenceError`, `RangeError` or `SyntaxError` that nothing caused is a mistake in the sensor: the
   *   task fails;
   * - anything else is a passing fault, unless every poll of five minutes throws such.
   */
  abstract poll(
    request: PollRequest<Natives<Inputs>, Config, Memory>,
    context: PollContext,
  ): Promise<PollAnswer<AcceptedOutputs<Outputs>>>;

  /**
   * Reads the task's configuration, as it stands in its template.
   * @throws FlyteError `InvalidDefinition` that names the field. By default, for any field at all.
   */
  readConfig(config: JsonObject): Config {
    const [field] = Object.keys(config);
    if (field === undefined) return config as Config;
    throw new FlyteError("InvalidDefinition", `config.${field}: the sensor ${this.name} takes no configuration`);
  }

  /**
   * The service that a poll goes to, and the credential where the inputs or the configuration name one, as one text:
   * requests to it share a limit. Tasks with different connections never share one, nor a poll.
   */
  endpoint(_request: PollRequest<Natives<Inputs>, Config, Memory>): string {
    return this.name;
  }

  /** Requests with the same text are polled together where their times allow it; undefined for one alone. */
  group(_request: PollRequest<Natives<Inputs>, Config, Memory>): string | undefined {
    return undefined;
  }

  /** Asks for several requests of one group, each with an answer of its own. */
  pollTogether(
    requests: readonly PollRequest<Natives<Inputs>, Config, Memory>[],
    context: PollContext,
  ): readonly Promise<PollAnswer<AcceptedOutputs<Outputs>>>[] {
    return requests.map((request) => this.poll(request, context));
  }

  /**
   * Calls `changed` when it may be worth to ask before the interval is over; a hint, never the only way.
   * @returns what ends it; undefined where there is nothing to listen to.
   */
  watch(_request: PollRequest<Natives<Inputs>, Config, Memory>, _changed: () => void): Disposable | undefined {
    return undefined;
  }
}
