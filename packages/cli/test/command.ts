import { type ChildProcess, execFileSync, type StdioOptions, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The workflows that the tests run. */
export const flows: string = fileURLToPath(new URL("flows", import.meta.url));

/** A file of them. */
export const flow = (name: string): string => join(flows, `${name}.ts`);

/** The command as it is published: built, where the build is older than the sources. */
const program: string = builtProgram();

function builtProgram(): string {
  for (const name of ["core", "storage", "dataset", "runtime", "connector-service", "cli"]) {
    const folder = join(root, "packages", name);
    const sources = Math.max(newest(join(folder, "src")), newest(join(root, "packages/idl/src")));
    const built = oldest(join(folder, "dist"));
    if (built <= sources) {
      execFileSync(process.execPath, [join(root, "scripts/bundle.ts"), folder], { stdio: "inherit" });
    }
  }
  return join(root, "packages/cli/bin/flyte-ts.js");
}

function newest(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...entries.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}

/** When the oldest of a package's bundles was made; 0 where there is none. */
function oldest(folder: string): number {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(".js"));
    return names.length === 0 ? 0 : Math.min(...names.map((name) => statSync(join(folder, name)).mtimeMs));
  } catch {
    return 0;
  }
}

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command runs in. */
export interface CommandOptions {
  readonly cwd: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** An open descriptor that it gets as its own 3; none by default. */
  readonly descriptor?: number;
  /** Runs it by a shell that has its variables say whose process it is, as systemd does. */
  readonly bySystemd?: boolean;
}

/** Starts `flyte-ts`. */
export function start(
  args: readonly string[],
  { cwd, env = {}, descriptor, bySystemd = false }: CommandOptions,
): ChildProcess {
  const command = [process.execPath, program, ...args];
  const [file = "", ...rest] = bySystemd
    ? ["sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', "sh", ...command]
    : command;
  const stdio: StdioOptions = ["pipe", "pipe", "pipe", ...(descriptor === undefined ? [] : [descriptor])];
  return spawn(file, rest, { cwd, env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env }, stdio });
}

/** Waits for the end of a command. */
export async function ended(child: ChildProcess): Promise<Ended> {
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr] = await Promise.all(
    [child.stdout, child.stderr].map((stream) => (stream ? text(stream) : "")),
  );
  return { code: await code, stdout: stdout ?? "", stderr: stderr ?? "" };
}

/** Runs `flyte-ts` to its end. */
export function flyteTs(args: readonly string[], options: CommandOptions): Promise<Ended> {
  const child = start(args, options);
  // one that fails early reads nothing of it
  child.stdin?.on("error", () => {}).end(options.stdin ?? "");
  return ended(child);
}

/** An empty folder to work in, removed at the end of a block. */
export class WorkFolder {
  readonly path: string = mkdtempSync(join(tmpdir(), "flyte-ts-cli-"));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  at(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  write(name: string, content: string): string {
    writeFileSync(this.at(name), content);
    return this.at(name);
  }
}
