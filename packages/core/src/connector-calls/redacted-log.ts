import type { Log } from "../context/log.ts";
import type { SecretKeeper } from "./secret-keeper.ts";

/** A log whose lines hold none of the secrets that are known when they are written. */
export function redactedLog(log: Log, secrets: SecretKeeper): Log {
  const at =
    (level: keyof Log) =>
    (message: string, fields?: Readonly<Record<string, unknown>>): void => {
      const clean = fields && (secrets.redactValue(fields) as Readonly<Record<string, unknown>>);
      log[level](secrets.redact(message), clean);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
