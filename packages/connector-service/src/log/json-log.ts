import type { Log, LogLevel } from "@flyte-ts/core/plugin";
import { type DestinationStream, pino } from "pino";

/** Fields that never go out, wherever they stand on the first two levels. */
const hidden = ["authorization", "token", "tokens", "password", "secret", "secrets", "api_key", "apiKey"];

/** How the log is written. */
export interface JsonLogOptions {
  /** Lines below it are left out; `info` by default. */
  readonly level?: LogLevel | undefined;
  /** Where the lines go; standard output unless given. */
  readonly destination?: DestinationStream | undefined;
}

/** A log of one JSON object a line: `time` (ISO), `level`, `msg`, and the fields. */
export function jsonLog({ level = "info", destination }: JsonLogOptions = {}): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: hidden.flatMap((name) => [name, `*.${name}`]), censor: "[secret]" },
  };
  // each line at once: what is still under way when the process ends would come behind the last line, or not at all
  const logger = pino(options, destination ?? pino.destination({ dest: 1, sync: true }));
  const at =
    (name: LogLevel) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
      logger[name](fields, message);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
