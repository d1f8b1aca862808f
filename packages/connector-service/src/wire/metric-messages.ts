import { create, toBinary } from "@bufbuild/protobuf";
import { durationMs, timestampDate } from "@bufbuild/protobuf/wkt";
import { FlyteError, type MetricResult } from "@flyte-ts/core/plugin";
import { GetTaskMetricsRequestSchema, GetTaskMetricsResponseSchema } from "@flyte-ts/idl/admin";
import { decode } from "./decode.ts";
import { maxAnswerBytes } from "./fitting.ts";
import { type RequestedCategory, requestedCategory } from "./task-requests.ts";

/** A `GetTaskMetricsRequest`; v2's has the same fields as v1's. */
export interface MetricsRequest {
  readonly category: RequestedCategory;
  readonly resourceMeta: Uint8Array;
  readonly queries: readonly string[];
  readonly start: Date | undefined;
  readonly end: Date | undefined;
  readonly stepMs: number | undefined;
}

/** @throws FlyteError `InvalidInput` when the bytes are no `GetTaskMetricsRequest`. */
export function readMetricsRequest(bytes: Uint8Array): MetricsRequest {
  const request = decode(GetTaskMetricsRequestSchema, bytes);
  const { taskType, taskCategory, resourceMeta, queries, startTime, endTime, step } = request;
  return {
    category: requestedCategory(taskType, taskCategory),
    resourceMeta,
    queries,
    start: startTime === undefined ? undefined : timestampDate(startTime),
    end: endTime === undefined ? undefined : timestampDate(endTime),
    stepMs: step === undefined ? undefined : durationMs(step),
  };
}

/**
 * `GetTaskMetricsResponse`; v1's and v2's are the same bytes.
 * @throws FlyteError `TooLarge` when it would be longer than Flyte takes.
 */
export function metricsMessage(results: readonly MetricResult[]): Uint8Array {
  const message = create(GetTaskMetricsResponseSchema, {
    results: results.map(({ metric, data }) => ({ metric, data })),
  });
  const bytes = toBinary(GetTaskMetricsResponseSchema, message);
  if (bytes.length <= maxAnswerBytes) return bytes;
  throw new FlyteError(
    "TooLarge",
    `the metrics have ${bytes.length} bytes, and an answer at most ${maxAnswerBytes}: ask for a shorter time or a longer step`,
  );
}
