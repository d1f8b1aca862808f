import { create, toBinary } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { LogLine, LogPage } from "@flyte-ts/core/plugin";
import { GetTaskLogsRequestSchema, GetTaskLogsResponseSchema } from "@flyte-ts/idl/admin";
import { GetTaskLogsResponseSchema as GetTaskLogsResponseV2Schema } from "@flyte-ts/idl/v2/connector";
import { decode } from "./decode.ts";
import type { Generation } from "./resource-message.ts";
import { type RequestedCategory, requestedCategory } from "./task-requests.ts";

/** A `GetTaskLogsRequest`; v2's has the same fields as v1's. */
export interface LogsRequest {
  readonly category: RequestedCategory;
  readonly resourceMeta: Uint8Array;
  readonly lines: number | undefined;
  readonly token: string | undefined;
}

/** The most characters of lines in one message. */
const maxPartLength = 512 * 1024;

/** A line that is longer is cut off: one that fits into no message would hold up all behind it. */
const maxLineLength = 256 * 1024;

/** @throws FlyteError `InvalidInput` when the bytes are no `GetTaskLogsRequest`. */
export function readLogsRequest(bytes: Uint8Array): LogsRequest {
  const { taskType, taskCategory, resourceMeta, lines, token } = decode(GetTaskLogsRequestSchema, bytes);
  return {
    category: requestedCategory(taskType, taskCategory),
    resourceMeta,
    lines: lines === 0n ? undefined : Number(lines),
    token: token === "" ? undefined : token,
  };
}

/**
 * A page as `GetTaskLogsResponse`s: the header with the token of the next page first, an empty one on the last, then the
 * lines.
 */
export function* logsMessages({ lines, nextToken = "" }: LogPage, generation: Generation): Generator<Uint8Array> {
  yield generation === "v1"
    ? toBinary(
        GetTaskLogsResponseSchema,
        create(GetTaskLogsResponseSchema, { part: { case: "header", value: { token: nextToken } } }),
      )
    : toBinary(
        GetTaskLogsResponseV2Schema,
        create(GetTaskLogsResponseV2Schema, { part: { case: "header", value: { token: nextToken } } }),
      );
  for (const part of parts(lines)) yield body(part, generation);
}

function body(lines: readonly LogLine[], generation: Generation): Uint8Array {
  if (generation === "v1") {
    const value = { structuredLines: lines.map(lineFields) };
    return toBinary(GetTaskLogsResponseSchema, create(GetTaskLogsResponseSchema, { part: { case: "body", value } }));
  }
  // v2's lines carry their own end
  const value = { lines: lines.map((line) => lineFields({ ...line, message: `${line.message}\n` })) };
  return toBinary(GetTaskLogsResponseV2Schema, create(GetTaskLogsResponseV2Schema, { part: { case: "body", value } }));
}

const originators = { user: 1, system: 2 } as const;

const lineFields = ({ timestamp, message, originator }: LogLine) => ({
  message: message.length > maxLineLength ? `${message.slice(0, maxLineLength)} […]` : message,
  originator: originator === undefined ? 0 : originators[originator],
  ...(timestamp === undefined ? {} : { timestamp: timestampFromDate(timestamp) }),
});

function* parts(lines: readonly LogLine[]): Generator<readonly LogLine[]> {
  let part: LogLine[] = [];
  let length = 0;
  for (const line of lines) {
    if (part.length > 0 && length + line.message.length > maxPartLength) {
      yield part;
      part = [];
      length = 0;
    }
    part.push(line);
    length += line.message.length;
  }
  if (part.length > 0) yield part;
}
