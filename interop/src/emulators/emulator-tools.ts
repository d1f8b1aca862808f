import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { cacheVariable } from "../python-environment.ts";
import { checkout } from "../task-files.ts";

const run = promisify(execFile);

/** The variable that names the folder of the emulators' tools: `emu` (installs and starts) and `faults.mjs` (a proxy). */
const emulatorsVariable = "FLYTE_TS_EMULATORS";

/** The folder that is used unless the variable names another. */
const defaultEmulators = resolve(checkout, "../shared/emulators");

/** What stands last when an emulator is installed, below the folder of all; so that one that broke off is made anew. */
const lastMade = {
  moto: "moto/bin/moto_server",
  versitygw: "bin/versitygw",
  minio: "bin/minio",
  localbq: "home/localbq/.duckdb/extensions/*/*/avro.duckdb_extension",
  bqemulator: "home/bqemulator/.duckdb/extensions/*/*/avro.duckdb_extension",
  gcs: "bin/fake-gcs-server",
  azurite: "azurite/node_modules/azurite/dist/src/blob/main.js",
} as const;

/** The emulators by the names that `emu` has for them. */
export type EmulatorName = keyof typeof lastMade;

/** A tool's path. @throws Error that says which variable to set, where there is none. */
export function emulatorTool(name: "emu" | "faults.mjs"): string {
  const folder = resolve(process.env[emulatorsVariable] ?? defaultEmulators);
  const path = join(folder, name);
  if (existsSync(path)) return path;
  throw new Error(
    `there are no emulators to test on: ${folder} lacks ${name}. Name the folder of their tools in ${emulatorsVariable} (interop/README.md)`,
  );
}

/**
 * Installs an emulator, once per machine; whoever comes while another installs waits for that one.
 * @returns the folder in which it is installed with the others.
 */
export async function installedEmulators(name: EmulatorName, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const folder = join(env[cacheVariable] ?? join(homedir(), ".cache", "flyte-ts"), "emulators");
  await mkdir(folder, { recursive: true });
  const there = `cd "$EMU" && compgen -G '${lastMade[name]}' >/dev/null`;
  const variables = { ...env, EMU: folder };
  const installed = await run("bash", ["-c", there], { env: variables }).then(
    () => true,
    () => false,
  );
  if (installed) return folder;
  console.error(`interop: installing the emulator ${name} into ${folder} (once per machine, some minutes)`);
  const script = `(${there}) || bash "$0" install ${name}`;
  await run("flock", [join(folder, `${name}.lock`), "bash", "-c", script, emulatorTool("emu")], {
    env: { ...variables, ...(await python313(name, env)) },
    maxBuffer: 1 << 26,
  });
  return folder;
}

/** local-bigquery wants Python 3.13: the one that is named, or in the path, or that pyenv has. */
async function python313(name: EmulatorName, env: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  if (name !== "localbq" || env.PY313 !== undefined) return {};
  // pyenv's stand-in is in the path whether or not it would start that version
  const find =
    '(python3.13 -c "" && command -v python3.13) 2>/dev/null || ls "$(pyenv root)"/versions/3.13.*/bin/python3.13 | tail -1';
  const { stdout } = await run("bash", ["-c", find], { env }).catch(() => ({ stdout: "" }));
  return stdout.trim() === "" ? {} : { PY313: stdout.trim() };
}
