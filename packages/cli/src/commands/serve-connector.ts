import {
  checkHealth,
  jsonLog,
  type ServeOptions,
  type Supervisor,
  serveConnectors,
  supervise,
  tellReady,
} from "@flyte-ts/connector-service";
import { FlyteError, type Log, type LogLevel, loadPlugins, pluginPackages, throwProblems } from "@flyte-ts/core/plugin";
import { flagLines, type ParsedFlags, parseFlags, text } from "../arguments/flags.ts";
import type { RunCommand } from "./command.ts";
import { serveConnectorFlags as flags, serveConnectorUsage } from "./serve-connector-flags.ts";

const command = "flyte-ts serve connector";

/** Tells a service's process that its connections come from its parent. */
const childVariable = "FLYTE_TS_SUPERVISED";

/** `flyte-ts serve connector`. */
export const serveConnector: RunCommand = async (args, { signal }) => {
  const parsed = parseFlags(args, { command, flags });
  if (parsed.flags.has("help")) {
    process.stdout.write(serveConnectorUsage(flagLines(flags)));
    return 0;
  }
  checkTogether(parsed);
  if (parsed.flags.has("check")) return check(parsed);
  const log = jsonLog({ level: level(parsed) });
  return parsed.flags.has("supervise") ? superviseService(args, parsed, log, signal) : runService(parsed, log, signal);
};

/** What a check asks with; all else is about a service that is to run. */
const flagsOfChecks: readonly string[] = ["check", "host", "port", "service", "tls-ca", "tls-cert", "tls-key", "debug"];

/** @throws FlyteError `InvalidInput` for flags of which one would be ignored beside the other. */
function checkTogether({ flags: given, words }: ParsedFlags): void {
  if (given.has("check")) {
    const other = [...given.keys()].find((name) => !flagsOfChecks.includes(name));
    if (other !== undefined) throw fault(`--${other} is for a service that is to run, and --check asks one that runs`);
    if (words.length > 0) throw fault(`"${words[0]}" is for a service that is to run, and --check asks one that runs`);
  }
  for (const [one, other] of [
    ["service", "check"],
    ["tls-ca", "check"],
  ] as const) {
    if (given.has(one) && !given.has(other)) throw fault(`--${one} goes with --${other} alone`);
  }
  for (const [one, other, why] of [
    ["fd", "supervise", "the supervisor would hold a port of its own, and what holds the socket needs none"],
    ["fd", "port", "the open socket has its own port"],
    ["fd", "host", "the open socket has its own address"],
    ["no-metrics", "metrics-port", "one of them asks for metrics, and the other for none"],
  ] as const) {
    if (given.has(one) && given.has(other)) throw fault(`leave out --${one} or --${other}: ${why}`);
  }
  if (given.has("supervise") && socketOfSystemd() !== undefined) {
    throw fault(
      "leave out --supervise: systemd holds a socket for this service (LISTEN_FDS), and a supervisor its own",
    );
  }
}

async function runService(parsed: ParsedFlags, log: Log, signal: AbortSignal): Promise<number> {
  const options = serveOptions(parsed, log);
  const plugins = await loadPlugins({
    packages: pluginNames(parsed),
    directory: process.cwd(),
    otherDirectories: [import.meta.dirname],
    log,
  });
  // to a container a plugin that is missing is the system's fault; here it is that of who names it
  if (options.strict) {
    throwProblems(plugins.broken.map(({ error: cause }) => new FlyteError("InvalidInput", cause.message, { cause })));
  }
  const hasSensors = plugins.plugins.some(({ provides }) => provides.sensors !== undefined);
  if (plugins.connectorTaskTypes.length === 0 && !hasSensors && plugins.broken.length === 0) {
    throw fault(
      "no plugin with a connector or a sensor was found: name some (--plugin @flyte-ts/bigquery), or run in a project that depends on some",
    );
  }
  const supervised = process.env[childVariable] === "1";
  const service = await serveConnectors({ ...options, plugins, fromParent: supervised });
  if (supervised) tellReady();
  if (service.taskTypes.length === 0) log.error("no connector serves: see the lines above");
  // without its parent a supervised service gets no connections any more
  const orphaned = new Promise<void>((resolve) => {
    if (supervised) process.once("disconnect", () => resolve());
  });
  await Promise.race([aborted(signal), orphaned]);
  await service.close();
  return 0;
}

async function superviseService(
  args: readonly string[],
  parsed: ParsedFlags,
  log: Log,
  signal: AbortSignal,
): Promise<number> {
  serveOptions(parsed, log); // mistakes in flags are said here, once
  const rest = args.filter((arg) => !/^--?supervise$/.test(arg));
  const supervisor: Supervisor = await supervise({
    host: text(parsed, "host"),
    port: portOf(parsed, "port") ?? defaultPort,
    command: [process.execPath, ...process.execArgv, process.argv[1] ?? "", "serve", "connector", ...rest],
    env: { ...process.env, [childVariable]: "1" },
    log,
  });
  const restart = (): void => void supervisor.restart();
  process.on("SIGUSR2", restart);
  signal.addEventListener("abort", () => supervisor.close(), { once: true });
  if (signal.aborted) supervisor.close();
  const code = await supervisor.ended;
  process.off("SIGUSR2", restart);
  return code;
}

/** `--check`: asks a service that runs, as a container's health check does. */
async function check(parsed: ParsedFlags): Promise<number> {
  const host = text(parsed, "host") ?? "127.0.0.1";
  const address = `${host.includes(":") ? `[${host}]` : host}:${portOf(parsed, "port") ?? defaultPort}`;
  const service = text(parsed, "service");
  const answer = await checkHealth({
    address,
    service,
    ca: text(parsed, "tls-ca"),
    cert: text(parsed, "tls-cert"),
    key: text(parsed, "tls-key"),
  });
  process.stdout.write(`${answer}\n`);
  return answer === "SERVING" ? 0 : 1;
}

const defaultPort = 8000;

function serveOptions(parsed: ParsedFlags, log: Log): ServeOptions {
  const cert = text(parsed, "tls-cert");
  const key = text(parsed, "tls-key");
  const clientCa = text(parsed, "tls-client-ca");
  const tokenFile = text(parsed, "token-file");
  const graceSeconds = number(parsed, "grace", "seconds", [0, 29]);
  const drainSeconds = number(parsed, "drain-delay", "seconds", [0, 20]);
  const maxMegabytes = number(parsed, "max-request-mb", "MiB", [1, 2047]);
  const ageSeconds = number(parsed, "max-connection-age", "seconds", [1, 86_400]);
  if ((cert === undefined) !== (key === undefined)) throw fault("--tls-cert and --tls-key go together");
  if (clientCa !== undefined && cert === undefined) throw fault("--tls-client-ca needs --tls-cert and --tls-key");
  return {
    host: text(parsed, "host"),
    port: portOf(parsed, "port") ?? defaultPort,
    fd: number(parsed, "fd", "of an open descriptor", [0, 1_000_000]) ?? socketOfSystemd(),
    metricsPort: parsed.flags.has("no-metrics") ? undefined : (portOf(parsed, "metrics-port") ?? 9090),
    tls: cert === undefined || key === undefined ? undefined : { cert, key, clientCa },
    tokens: tokenFile === undefined ? undefined : { tokenFile },
    strict: parsed.flags.has("strict"),
    limits: {
      ...(graceSeconds === undefined ? {} : { graceMs: graceSeconds * 1000 }),
      ...(drainSeconds === undefined ? {} : { drainDelayMs: drainSeconds * 1000 }),
      ...(maxMegabytes === undefined ? {} : { maxRequestBytes: maxMegabytes * 2 ** 20 }),
      ...(ageSeconds === undefined ? {} : { maxConnectionAgeMs: ageSeconds * 1000 }),
    },
    log,
  };
}

/** The plugins that flags, words, and then the environment name; undefined for all that are installed. */
function pluginNames(parsed: ParsedFlags): readonly string[] | undefined {
  const named = [...(text(parsed, "plugin") ?? "").split(","), ...parsed.words].map((name) => name.trim());
  const given = [...new Set(named.filter((name) => name !== ""))];
  return given.length > 0 ? given : pluginPackages(process.env);
}

/** systemd hands over its first socket as descriptor 3, to the process that it names. */
function socketOfSystemd(): number | undefined {
  const { LISTEN_PID, LISTEN_FDS } = process.env;
  return LISTEN_PID === String(process.pid) && Number(LISTEN_FDS) >= 1 ? 3 : undefined;
}

function level(parsed: ParsedFlags): LogLevel {
  const flag = text(parsed, "log-level");
  const given = flag ?? process.env.FLYTE_TS_LOG_LEVEL ?? "info";
  const found = (["debug", "info", "warn", "error"] as const).find((one) => one === given);
  if (found === undefined)
    throw fault(
      `${flag === undefined ? "FLYTE_TS_LOG_LEVEL" : "--log-level"} is "${given}"; it can be debug, info, warn or error`,
    );
  return found;
}

const portOf = (parsed: ParsedFlags, name: string): number | undefined => number(parsed, name, "a port", [0, 65_535]);

function number(
  parsed: ParsedFlags,
  name: string,
  what: string,
  [least, most]: readonly [number, number],
): number | undefined {
  const given = text(parsed, name);
  if (given === undefined) return undefined;
  const value = Number(given);
  if (/^\d+$/.test(given) && value >= least && value <= most) return value;
  throw fault(`--${name} is "${given}"; it must be a whole number (${what}, ${least} to ${most})`);
}

const fault = (message: string): FlyteError => new FlyteError("InvalidInput", `${command}: ${message}`);

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
