import type { Log, LogLevel } from "@flyte-ts/core/plugin";
import type { Environment } from "./environment.ts";

/** Python's numbers of the levels, which `FLYTE_SDK_LOGGING_LEVEL` holds; names are taken as well. */
const numbers: Readonly<Record<LogLevel, number>> = { debug: 10, info: 20, warn: 30, error: 40 };

const names: Readonly<Record<LogLevel, string>> = { debug: "DEBUG", info: "INFO", warn: "WARNING", error: "ERROR" };

/** Where log lines go. */
export interface ContainerLogOptions {
  /** The logger's name in every line. */
  readonly name: string;
  /** The level where `FLYTE_SDK_LOGGING_LEVEL` sets none. */
  readonly least: LogLevel;
  readonly write?: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * The log of a container, on standard error: one JSON object a line with the names that flytekit's lines have, or plain
 * text when `FLYTE_SDK_LOGGING_FORMAT` is anything but `json`.
 */
export function containerLog(env: Environment, options: ContainerLogOptions): Log {
  const { name, least, write = (line: string) => process.stderr.write(line), now = Date.now } = options;
  const threshold = thresholdOf(env.FLYTE_SDK_LOGGING_LEVEL) ?? numbers[least];
  const json = (env.FLYTE_SDK_LOGGING_FORMAT ?? "json") === "json";
  const at = (level: LogLevel) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    if (numbers[level] < threshold) return;
    write(json ? jsonLine({ time: now(), name, level, message }, fields) : plainLine(name, message, fields));
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function thresholdOf(setting: string | undefined): number | undefined {
  const text = (setting ?? "").trim().toLowerCase();
  if (/^\d+$/.test(text)) return Number(text);
  if (text === "warning") return numbers.warn;
  if (text === "critical") return 50;
  return text in numbers ? numbers[text as LogLevel] : undefined;
}

interface Line {
  readonly time: number;
  readonly name: string;
  readonly level: LogLevel;
  readonly message: string;
}

function jsonLine({ time, name, level, message }: Line, fields: Readonly<Record<string, unknown>> = {}): string {
  const line = { asctime: new Date(time).toISOString(), name, levelname: names[level], message };
  return `${JSON.stringify({ ...fields, ...line }, plainValue)}\n`;
}

const plainLine = (name: string, message: string, fields?: Readonly<Record<string, unknown>>): string =>
  `[${name}] ${message}${fields === undefined ? "" : ` ${JSON.stringify(fields, plainValue)}`}\n`;

function plainValue(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  return value instanceof Error ? (value.stack ?? value.message) : value;
}
