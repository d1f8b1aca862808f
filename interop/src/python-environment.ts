import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readlink, rename, rm, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const room = join(import.meta.dirname, "..");

/** The variable that names the Python which environments are made with; `python3` unless set. */
export const basePythonVariable = "FLYTE_TS_PYTHON";

/** The variable that names the folder for what is made once per machine; `~/.cache/flyte-ts` unless set. */
export const cacheVariable = "FLYTE_TS_CACHE";

/** What an environment is for; each has its requirements, of which `requirements.txt` is flytekit's. */
export type PythonEnvironment = "flytekit" | "flyte-sdk";

const environments: Readonly<Record<PythonEnvironment, { readonly requirements: string; readonly link: string }>> = {
  flytekit: { requirements: "requirements.txt", link: "venv" },
  "flyte-sdk": { requirements: "requirements-flyte-sdk.txt", link: "venv-flyte-sdk" },
};

/**
 * The Python of an environment that holds exactly what `requirements.txt` pins, or what the other one's file does. It is
 * made once per machine, in the cache, and found from the checkout at `interop/.cache/venv`, `venv-flyte-sdk`.
 *
 * An environment is made under a name of its own and linked to the name that others look for when it is whole, so that
 * one that broke off is never used; its own scripts name the folder that they were installed in, which stays.
 * @returns the interpreter's path.
 * @throws Error when there is no Python, or pip fails.
 */
export async function preparePython(
  env: NodeJS.ProcessEnv = process.env,
  which: PythonEnvironment = "flytekit",
): Promise<string> {
  const base = env[basePythonVariable] ?? "python3";
  const requirements = join(room, environments[which].requirements);
  const { stdout: version } = await run(base, ["-c", "import sys; print(sys.executable, sys.version)"]).catch(
    (cause) => {
      throw new Error(`there is no Python at "${base}": install Python 3.11, or name one in ${basePythonVariable}`, {
        cause,
      });
    },
  );
  const key = createHash("sha256")
    .update(version)
    .update(await readFile(requirements))
    .digest("hex")
    .slice(0, 12);
  const cache = env[cacheVariable] ?? join(homedir(), ".cache", "flyte-ts");
  const environment = join(cache, `python-${key}`);
  const python = join(environment, "bin", "python");
  if (!existsSync(python)) await makeEnvironment(base, requirements, environment);
  await link(environment, join(room, ".cache", environments[which].link));
  return python;
}

async function makeEnvironment(base: string, requirements: string, environment: string): Promise<void> {
  const folder = `${environment}-${randomUUID()}`;
  console.error(`interop: making the Python environment ${environment} (once per machine, some minutes)`);
  try {
    await mkdir(join(environment, ".."), { recursive: true });
    await run(base, ["-m", "venv", folder]);
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", requirements];
    await run(join(folder, "bin", "python"), pip, { maxBuffer: 1 << 26 });
    await link(folder, environment);
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw new Error(`the Python environment cannot be made: ${(cause as Error).message}`, { cause });
  }
}

/** Makes `path` a symbolic link to `target`, in one step. */
async function link(target: string, path: string): Promise<void> {
  if ((await readlink(path).catch(() => undefined)) === target) return;
  await mkdir(join(path, ".."), { recursive: true });
  const draft = `${path}-${randomUUID()}`;
  await symlink(target, draft);
  await rename(draft, path);
}
