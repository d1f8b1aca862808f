import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import {
  type CompiledEntity,
  compileAll,
  exportedEntities,
  FlyteError,
  LaunchPlanMessage,
  type SerializationSettings,
  TaskSpec,
  WorkflowSpec,
} from "@flyte-ts/core";
import { type Flag, flagLines, type ParsedFlags, parseFlags, text } from "../arguments/flags.ts";
import { chooseEntity } from "../module/choose-entity.ts";
import { loadModule } from "../module/load-module.ts";
import type { RunCommand } from "./command.ts";

const command = "flyte-ts serialize";

const flags: readonly Flag[] = [
  {
    name: "output",
    value: "DIR",
    purpose: "the folder for the files; those of an earlier time are replaced  [required]",
  },
  { name: "image", value: "IMAGE", purpose: "the image of your own tasks  [default: $FLYTE_INTERNAL_IMAGE]" },
  { name: "image-registry", value: "REGISTRY", purpose: "the registry of the plugins' images" },
  { name: "project", value: "NAME", purpose: "left empty, whoever registers fills it in" },
  { name: "domain", value: "NAME", purpose: "left empty, whoever registers fills it in" },
  { name: "version", value: "TEXT", purpose: "left empty, whoever registers fills it in" },
  { name: "module", value: "PATH", purpose: "FILE as the container finds it  [default: FILE from the working folder]" },
  { name: "fast-distribution", value: "URI", purpose: "the archive of code that the container fetches first" },
  { name: "fast-destination", value: "DIR", purpose: "the folder that it is unpacked to  [default: .]" },
  { name: "debug", purpose: "show everything that is known when something goes wrong" },
  { name: "help", purpose: "this text" },
];

/** `flyte-ts serialize FILE [ENTITY] --output DIR`. */
export const serialize: RunCommand = async (args) => {
  const parsed = parseFlags(args, { command, flags });
  if (parsed.flags.has("help")) {
    process.stdout.write(`Writes tasks, workflows and launch plans as the protobuf files that Flyte registers, in this order:
<number>_<name>_<kind>.pb, kind 1 for tasks (flyteidl.admin.TaskSpec), 2 for workflows (flyteidl.admin.WorkflowSpec),
3 for launch plans (flyteidl.admin.LaunchPlan). Every workflow has a default launch plan of its name.

Usage:
  flyte-ts serialize FILE [ENTITY] --output DIR

With ENTITY it is that one and all that its graph reaches; without, all that FILE exports.

Options:
${flagLines(flags)}
`);
    return 0;
  }
  const [file, name, extra] = parsed.words;
  if (file === undefined) throw fault(`name a file: ${command} FILE [ENTITY] --output DIR`);
  if (extra !== undefined) throw fault(`"${extra}" is one word too many`);
  const output = text(parsed, "output");
  if (output === undefined) throw fault("--output DIR is missing: the folder for the files");
  const settings = settingsOf(parsed, file);
  const module = await loadModule(file);
  const chosen = name === undefined ? exportedEntities(module.exports) : [chooseEntity(file, module, name)];
  if (chosen.length === 0) chooseEntity(file, module, undefined);
  const { ordered } = await compileAll(chosen, settings);
  const written = await writeFiles(resolve(output), ordered.map(fileOf));
  process.stdout.write(`${written.map((one) => join(output, one)).join("\n")}\n`);
  return 0;
};

/** What flytectl finds in a file, by the number in its name. */
function fileOf(entity: CompiledEntity): SerializedFile {
  const { kind, name, message } = entity;
  if (kind === "task") return { name, kind: 1, bytes: TaskSpec.encode(message) };
  return kind === "workflow"
    ? { name, kind: 2, bytes: WorkflowSpec.encode(message) }
    : { name, kind: 3, bytes: LaunchPlanMessage.encode(message) };
}

interface SerializedFile {
  readonly name: string;
  readonly kind: number;
  readonly bytes: Uint8Array;
}

const fault = (message: string, cause?: unknown): FlyteError =>
  new FlyteError("InvalidInput", `${command}: ${message}`, { cause });

function settingsOf(parsed: ParsedFlags, file: string): SerializationSettings {
  const image = text(parsed, "image") ?? process.env.FLYTE_INTERNAL_IMAGE;
  const imageRegistry = text(parsed, "image-registry");
  const distribution = text(parsed, "fast-distribution");
  const destination = text(parsed, "fast-destination");
  if (distribution === undefined && destination !== undefined) {
    throw fault("--fast-destination says where an archive goes; which one, says --fast-distribution URI");
  }
  const fromHere = relative(process.cwd(), resolve(file)).replaceAll(sep, "/");
  if (fromHere.startsWith("../") && text(parsed, "module") === undefined) {
    throw fault(`${file} is not below the working folder; say with --module where the container finds it`);
  }
  return {
    project: text(parsed, "project") ?? "",
    domain: text(parsed, "domain") ?? "",
    version: text(parsed, "version") ?? "",
    module: text(parsed, "module") ?? fromHere,
    ...(image === undefined || image === "" ? {} : { image }),
    ...(imageRegistry === undefined ? {} : { imageRegistry }),
    ...(distribution === undefined ? {} : { fastRegistration: { distribution, destination: destination ?? "." } }),
  };
}

/** What files of ours are called (flytectl decides by this what is in one). */
const ourName = /^\d+_.*_[123]\.pb$/;

/** Writes the files; those that an earlier call left in the folder go away, for flytectl registers all that is there. */
async function writeFiles(folder: string, files: readonly SerializedFile[]): Promise<string[]> {
  if ((await stat(folder).catch(() => undefined))?.isFile()) throw fault(`--output is ${folder}, which is a file`);
  const digits = Math.ceil(Math.log10(files.length));
  const named = files.map(({ name, kind, bytes }, at) => {
    // An entity's name may have a slash, a file's may not.
    const path = `${String(at).padStart(digits, "0")}_${name.replace(/[/:]/g, "_")}_${kind}.pb`;
    return { path, part: join(folder, `.${path}.${process.pid}.part`), bytes };
  });
  try {
    await mkdir(folder, { recursive: true });
    // All of them, or nothing: what stands in the folder already goes away when the new ones are whole.
    // Each to its end, whatever becomes of the others: none is written any more when what is there is removed.
    for (const one of await Promise.allSettled(named.map(({ part, bytes }) => writeFile(part, bytes)))) {
      if (one.status === "rejected") throw one.reason;
    }
    const old = (await readdir(folder)).filter((name) => ourName.test(name));
    await Promise.all(old.map((name) => rm(join(folder, name), { force: true })));
    await Promise.all(named.map(({ path, part }) => rename(part, join(folder, path))));
  } catch (cause) {
    await Promise.all(named.map(({ part }) => rm(part, { force: true }).catch(() => {})));
    throw fault(`--output: ${folder} cannot be written: ${(cause as Error).message}`, cause);
  }
  return named.map(({ path }) => path);
}
