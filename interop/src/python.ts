import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { LineServer } from "./line-server.ts";

/** The variable by which the suites' setup hands on the interpreter. */
export const pythonVariable = "FLYTE_TS_INTEROP_PYTHON";

const scripts = join(import.meta.dirname, "..", "python");

/** The interpreter that the suite's setup prepared: flytekit, pandas, pyarrow, duckdb and moto are installed for it. */
export function python(): string {
  const path = process.env[pythonVariable];
  if (path !== undefined) return path;
  throw new Error(`${pythonVariable} is not set: this test runs in "npm run interop", whose setup prepares Python`);
}

/** A program that was installed beside the interpreter: `pyflyte-execute`, `moto_server`. */
export const pythonProgram = (name: string): string => join(dirname(python()), name);

/** How a program ended. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a program is run with. */
export interface RunOptions {
  readonly input?: string;
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end; a program that a signal ended has the status 128. */
export function run(
  program: string,
  args: readonly string[],
  { input = "", cwd, env }: RunOptions = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env } });
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        texts[name] += text;
      });
    }
    child.once("error", reject);
    child.once("close", (status) => resolve({ status: status ?? 128, ...texts }));
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

let server: LineServer | undefined;

/**
 * Runs a script of `interop/python` with a value as JSON on its standard input. One process runs all scripts of a test
 * file: most of the time of a new one would go into its imports.
 * @param script the file's name without `.py`.
 * @returns what the script printed, from JSON.
 * @throws Error with what the script said when it fails.
 */
export function callPython<Answer>(script: string, value: unknown = null): Promise<Answer> {
  server ??= new LineServer(
    spawn(python(), [join(scripts, "serve.py")], { env: { ...process.env, ...pythonSettings } }),
  );
  return server.ask<Answer>({ script, value });
}

/** No byte code in the checkout, and no word of flytekit's that is not an error. */
export const pythonSettings: Readonly<Record<string, string>> = {
  PYTHONDONTWRITEBYTECODE: "1",
  FLYTE_SDK_LOGGING_LEVEL: "40",
};
