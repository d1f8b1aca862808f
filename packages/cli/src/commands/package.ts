import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { compileModules, exportedEntities, FlyteError, type ModuleEntities } from "@flyte-ts/core";
import { problemsIn, throwProblems } from "@flyte-ts/core/plugin";
import { type Flag, flagLines, type ParsedFlags, parseFlags, text } from "../arguments/flags.ts";
import { loadModule } from "../module/load-module.ts";
import { writeWhole } from "../output/write-whole.ts";
import { bundledPath, codeBundle } from "../packaging/code-bundle.ts";
import { type NamedBytes, registrationFiles } from "../packaging/registration-files.ts";
import { settingsFlags, settingsOf } from "../packaging/settings-flags.ts";
import { tarGz } from "../packaging/tar-gz.ts";
import type { RunCommand } from "./command.ts";

const command = "flyte-ts package";

const flags: readonly Flag[] = [
  { name: "output", value: "FILE", purpose: "the archive  [default: flyte-package.tgz]" },
  { name: "force", purpose: "replace the archive if it is there" },
  ...settingsFlags,
  { name: "fast", purpose: "add the code, bundled with what it imports: containers fetch it when they start" },
  { name: "external", value: "NAME,…", purpose: "with --fast: packages that the image has, which are not bundled" },
  { name: "debug", purpose: "show everything that is known when something goes wrong" },
  { name: "help", purpose: "this text" },
];

/** `flyte-ts package FILE…`. */
export const packageFiles: RunCommand = async (args, { signal }) => {
  const parsed = parseFlags(args, { command, flags });
  if (parsed.flags.has("help")) {
    process.stdout.write(`Writes all that files export, and all that their workflows use, as the archive that flytectl registers:

  flytectl register files --archive flyte-package.tgz --project P --domain D --version V

Equal code gives an archive of equal bytes. All that is wrong is said at once, for all files.

Usage:
  flyte-ts package FILE… [--output FILE] [--fast]

Options:
${flagLines(flags)}
`);
    return 0;
  }
  const files = await filesOf(parsed);
  const fast = parsed.flags.has("fast");
  const external = text(parsed, "external");
  if (external !== undefined && !fast) throw fault("--external says what is not bundled, which --fast alone does");
  const settings = settingsOf(parsed);
  const output = text(parsed, "output") ?? "flyte-package.tgz";
  await checkOutput(resolve(output), parsed.flags.has("force"));
  const { modules, problems } = await loadAll(files, fast ? bundledPath : (path) => path);
  const compiling = compileModules(modules, {
    ...settings,
    ...(fast ? { fastRegistration: filledIn } : {}),
  });
  const bundling =
    fast && problems.length === 0
      ? codeBundle(
          files.map((file) => resolve(file)),
          { root: process.cwd(), external: external?.split(",").map((name) => name.trim()) ?? [] },
        )
      : Promise.resolve(undefined);
  const settled = await Promise.allSettled([compiling, bundling]);
  throwProblems([...problems, ...settled.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []))]);
  const [compiled, code] = [await compiling, await bundling];
  const content = registrationFiles(compiled.ordered);
  if (code !== undefined) content.push(codeArchive(code));
  signal.throwIfAborted();
  await writeWhole(resolve(output), tarGz(content), `${command}: --output`);
  process.stdout.write(`${output}\n${content.map(({ name }) => `  ${name}\n`).join("")}`);
  return 0;
};

const fault = (message: string): FlyteError => new FlyteError("InvalidInput", `${command}: ${message}`);

/** What flytectl replaces, each where it is a whole argument. */
const filledIn = { distribution: "{{ .remote_package_path }}", destination: "{{ .dest_dir }}" };

/** The files, as paths from the working folder, each once; in whichever order they were named, in one order. */
async function filesOf({ words }: ParsedFlags): Promise<string[]> {
  if (words.length === 0) throw fault(`name files: ${command} FILE…`);
  const uri = words.find((word) => /^\w+:\/\//.test(word));
  if (uri !== undefined) throw fault(`${uri} is a URI; name files, such as flow.ts`);
  const paths = words.map((word) => relative(process.cwd(), resolve(word)).replaceAll(sep, "/"));
  const above = words.filter((_word, at) => paths[at]?.startsWith("../"));
  if (above.length > 0) {
    throw fault(
      `${above.join(", ")} is not below the working folder, which stands for the container's; go to a folder above it`,
    );
  }
  return [...new Set(paths)].sort();
}

async function checkOutput(output: string, force: boolean): Promise<void> {
  const found = await stat(output).catch(() => undefined);
  if (found?.isDirectory()) throw fault(`--output is ${output}, which is a folder; it must be a file`);
  if (found === undefined || force) return;
  throw new FlyteError("AlreadyExists", `${command}: ${output} is there already; --force replaces it`);
}

interface LoadedFiles {
  readonly modules: readonly ModuleEntities[];
  readonly problems: readonly unknown[];
}

/** Loads all files, to say what is wrong with each. */
async function loadAll(files: readonly string[], pathOf: (path: string) => string): Promise<LoadedFiles> {
  const problems: unknown[] = [];
  const modules: ModuleEntities[] = [];
  for (const file of files) {
    try {
      const entities = exportedEntities((await loadModule(file)).exports);
      if (entities.length === 0) {
        throw new FlyteError(
          "NotFound",
          `${file} exports no workflow and no task: export what task(…) or workflow(…) returns`,
        );
      }
      modules.push({ module: pathOf(file), entities });
    } catch (error) {
      problems.push(...problemsIn(error).map((problem) => inFile(file, problem)));
    }
  }
  return { modules, problems };
}

/** A problem with the name of the file in front of it. */
function inFile(file: string, error: unknown): unknown {
  if (!FlyteError.is(error) || error.message.includes(file)) return error;
  return new FlyteError(error.code, `${file}: ${error.message}`, { cause: error });
}

/** The archive of code, by the name that flytectl knows it by. */
function codeArchive(code: readonly NamedBytes[]): NamedBytes {
  const bytes = tarGz(code);
  return { name: `fast${createHash("md5").update(bytes).digest("hex")}.tar.gz`, bytes };
}
