/**
 * A process inside the cluster's network, for the suites outside of it: it starts emulators and connector services there,
 * and sends requests to them. Reads requests, one line of JSON each, `{"do": name, …}`, and answers each with one line,
 * `{"ok": …}` or `{"error": text}`. It ends with its input, and what it started ends with it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { type Emulator, startEmulator } from "../emulators/emulator.ts";
import { type FaultProxy, type Faults, startFaultProxy } from "../emulators/fault-proxy.ts";
import type { Asked, ServiceCommand } from "./inside.ts";

const proxies: (FaultProxy | Emulator)[] = [];
const services = new Map<number, ChildProcess>();

const answers: { readonly [Name in keyof Asked]: (request: Asked[Name][0]) => Promise<Asked[Name][1]> } = {
  async emulator({ name, fixes, env }) {
    const emulator = await startEmulator(name, { fixes, env });
    proxies.push(emulator);
    return { endpoint: emulator.endpoint, direct: emulator.direct };
  },
  async proxy({ to, fixes }) {
    const proxy = await startFaultProxy(to, fixes);
    proxies.push(proxy);
    return { endpoint: proxy.endpoint };
  },
  async addFaults({ endpoint, rules }) {
    await faultsAt(endpoint).add(...rules);
    return null;
  },
  async clearFaults({ endpoint }) {
    await faultsAt(endpoint).clear();
    return null;
  },
  requests: ({ endpoint }) => faultsAt(endpoint).log(),
  async fetch({ url, ...init }) {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(30_000) });
    return { status: response.status, body: await response.text() };
  },
  start: started,
  children: ({ pid }) => childrenOf(pid),
  variable: async ({ name }) => process.env[name] ?? "",
  async kill({ pid, signal }) {
    const service = services.get(pid);
    if (service === undefined) {
      if (isAlive(pid)) process.kill(pid, signal);
      for (let waits = 0; isAlive(pid) && waits < 100; waits++) await sleep(20);
    } else if (service.exitCode === null && service.signalCode === null) {
      const ended = once(service, "exit");
      service.kill(signal);
      await ended;
    }
    return null;
  },
};

function faultsAt(endpoint: string): Faults {
  const found = proxies.find((proxy) => proxy.endpoint === endpoint);
  if (found === undefined) throw new Error(`nothing was started at ${endpoint}`);
  return found.faults;
}

/** Starts a program, and waits until its port is open. */
async function started({ command, env, port, log }: ServiceCommand): Promise<{ readonly pid: number }> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const file = createWriteStream(log, { flags: "a" });
  child.stdout.pipe(file, { end: false });
  child.stderr.pipe(file, { end: false });
  child.once("error", (error) => file.write(`${error.message}\n`));
  for (let waits = 0; !(await isOpen(port)); waits++) {
    if (child.pid === undefined || child.exitCode !== null || waits === 600) {
      child.kill("SIGKILL");
      throw new Error(`${command.join(" ")} does not listen on ${port}; see ${log}`);
    }
    await sleep(50);
  }
  const { pid = 0 } = child;
  services.set(pid, child);
  return { pid };
}

/** The processes that a process has started. */
async function childrenOf(pid: number): Promise<number[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return list.split(" ").flatMap((text) => (text.trim() === "" ? [] : [Number(text)]));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1");
    const end = (open: boolean) => (): void => {
      socket.destroy();
      done(open);
    };
    socket.once("connect", end(true)).once("error", end(false));
  });
}

type Request = { [Name in keyof Asked]: { readonly do: Name } & Asked[Name][0] }[keyof Asked];

async function answer(request: Request): Promise<unknown> {
  const handle = answers[request.do] as (request: Request) => Promise<unknown>;
  return handle(request);
}

// the answers keep the order of the requests
for await (const line of createInterface({ input: process.stdin })) {
  const said = await answer(JSON.parse(line) as Request).then(
    (ok) => ({ ok }),
    (error: unknown) => ({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
for (const service of services.values()) service.kill("SIGKILL");
for (const proxy of proxies) await proxy.stop();
process.exit(0);
