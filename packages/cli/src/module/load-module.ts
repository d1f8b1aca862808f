import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { FlyteContext, FlyteError, nearest, throwProblems } from "@flyte-ts/core/plugin";

/** The endings of files that Node runs as they are. */
const endings = [".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"];

/** A module of the user's, loaded. */
export interface LoadedModule {
  /** Its absolute path. */
  readonly path: string;
  /** Its exports. */
  readonly exports: Readonly<Record<string, unknown>>;
}

/**
 * Loads a file of the user's; Node runs TypeScript as it is.
 * @param file a path, relative to the working folder or absolute.
 * @throws FlyteError `NotFound` where there is none, `InvalidInput` for a folder or a file of another kind,
 * `InvalidDefinition` when it does not load: with the place where it does not parse, what its code threw as the cause, or
 * a line for each task, workflow and launch plan in it that is defined wrongly.
 */
export async function loadModule(file: string): Promise<LoadedModule> {
  const path = resolve(file);
  await checkFile(file, path);
  const load = async () => (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  const { loaded, problems } = await FlyteContext.default().telling(load);
  throwProblems(problems.map((problem) => loadError(file, problem)));
  if (loaded === undefined) throw new FlyteError("Internal", `${file} neither loads nor fails`);
  return { path, exports: loaded };
}

async function checkFile(file: string, path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    const names = await readdir(dirname(path)).catch(() => undefined);
    if (names === undefined) throw new FlyteError("NotFound", `there is no file ${file}: the folder does not exist`);
    const close = nearest(basename(path), names.filter(runs));
    const hint = close === undefined ? "" : `; did you mean ${join(dirname(file), close)}?`;
    throw new FlyteError("NotFound", `there is no file ${file}${hint}`);
  }
  if (found.isDirectory()) {
    const inside = (await readdir(path).catch(() => [])).find(runs);
    const example = inside === undefined ? "" : `, such as ${join(file, inside)}`;
    throw new FlyteError("InvalidInput", `${file} is a folder; name a file${example}`);
  }
  if (!runs(path)) {
    throw new FlyteError(
      "InvalidInput",
      `${file} is no file that Node can run; its name must end in ${endings.join(", ")}`,
    );
  }
}

const runs = (name: string): boolean => endings.includes(extname(name)) && !/\.d\.[cm]?ts$/.test(name);

function loadError(file: string, error: unknown): FlyteError {
  if (FlyteError.is(error)) return error;
  const fault = (message: string): FlyteError =>
    new FlyteError("InvalidDefinition", `${file} does not load: ${message}`, { cause: error });
  if (!(error instanceof Error)) return fault(`it threw ${String(error)}`);
  const { name, message } = error;
  const { code } = error as { code?: string };
  if (code === "ERR_MODULE_NOT_FOUND") {
    const missing = /^Cannot find package '([^']+)'/.exec(message)?.[1];
    return fault(missing === undefined ? message : `${message}; to install it: npm install ${missing}`);
  }
  if (name === "SyntaxError") {
    const hint =
      code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX"
        ? "\nNode runs TypeScript by leaving its types away; see erasableSyntaxOnly in TypeScript's documentation."
        : /^(Cannot use import statement outside|Unexpected token 'export'|await is only valid)/.test(message)
          ? "\nIts package.json makes it CommonJS, as npm init does; make it a module: npm pkg set type=module"
          : "";
    return fault(`${message}${codeFrame(error)}${hint}`);
  }
  return fault(`${name}: ${message}`);
}

/** Where the code does not parse, as Node draws it in front of the stack. */
function codeFrame(error: Error): string {
  const [before = ""] = (error.stack ?? "").split(/^SyntaxError/m, 1);
  const lines = before.trimEnd().split("\n");
  const [head = "", ...frame] = lines;
  const [, url, line = ""] = /^(file:.*?)(:\d+)?$/.exec(head) ?? [];
  const place = url === undefined ? head : `${fileURLToPath(url)}${line}`;
  return frame.length === 0 ? "" : `\n  ${place}\n${frame.map((line) => `    ${line}`).join("\n")}`;
}
