/** How serious a log line is. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** A logger: one line per call, with fields for programs. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** A log that writes lines to standard error, those of `least` and above. */
export function lineLog(
  least: LogLevel = "info",
  write: (line: string) => void = (line) => process.stderr.write(line),
): Log {
  const at = (level: LogLevel) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    if (levels.indexOf(level) < levels.indexOf(least)) return;
    write(`${level} ${message}${fields === undefined ? "" : ` ${JSON.stringify(fields)}`}\n`);
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A log that drops everything. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
