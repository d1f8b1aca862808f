import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** How many lines of a stack are shown. */
const maxFrames = 8;

/**
 * The lines of the user's own code in the stack of what an error began with, paths relative to the working folder. Of an
 * error that came out of another process the text of its stack is read.
 */
export function userFrames(error: Error): string[] {
  const stacks: string[] = [];
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth += 1) {
    // Of a file that does not parse the message draws the place already.
    if (!/TYPESCRIPT_SYNTAX$/.test((at as { code?: string }).code ?? "")) stacks.unshift(at.stack ?? "");
  }
  for (const stack of stacks) {
    const own = stack.split("\n").filter(isUserFrame);
    if (own.length > 0) return own.slice(0, maxFrames).map((line) => `    ${shortened(line)}`);
  }
  return [];
}

/** The file of a line of a stack, as a path or URL. */
const place = /(?<=[\s(])(?<file>(?:file:\/\/|[A-Za-z]:\\|\/)[^\s)]*?):\d+(?::\d+)?\)?$/;

function isUserFrame(line: string): boolean {
  const file = /^\s+at /.test(line) ? place.exec(line)?.groups?.file : undefined;
  return file !== undefined && !isForeign(pathOf(file));
}

/** True for a file of an installed package, of our packages (wherever they stand), or of a plugin. */
function isForeign(path: string): boolean {
  const [, folder] = path.startsWith(siblings) ? path.slice(siblings.length).split(sep) : [];
  if (path.split(sep).includes("node_modules") || folder === "dist" || folder === "src") return true;
  const manifest = manifestAbove(path);
  return manifest !== undefined && "flyte-ts" in manifest;
}

/** The folder that this package and its siblings stand in, with the separator behind it. */
const siblings = dirname(dirname(packageFile(fileURLToPath(import.meta.url)) ?? "/")) + sep;

function packageFile(path: string): string | undefined {
  for (let at = dirname(path); ; at = dirname(at)) {
    const file = join(at, "package.json");
    if (existsSync(file)) return file;
    if (at === dirname(at)) return undefined;
  }
}

function manifestAbove(path: string): object | undefined {
  try {
    return JSON.parse(readFileSync(packageFile(path) ?? "", "utf8")) as object;
  } catch {
    return undefined;
  }
}

const shortened = (line: string): string =>
  line.trim().replace(place, (whole, file: string) => whole.replace(file, near(pathOf(file))));

function near(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}

function pathOf(file: string): string {
  try {
    return file.startsWith("file:") ? fileURLToPath(file) : file;
  } catch {
    return file;
  }
}
