import { type Fence, fences } from "./fences.ts";

/** A module made of one block, or of several that continue each other. */
export interface DocumentModule {
  /** Its name in the document's folder: `<line>.ts`, or what `file=` says. */
  readonly name: string;
  /** Its code, every line where it stands in the document. */
  readonly code: string;
  readonly line: number;
  /** Why it is compiled but not run, if so. */
  readonly notRun?: string;
}

/** A command of a block `sh run`. */
export interface DocumentCommand {
  readonly text: string;
  readonly line: number;
}

/** What a document holds that can be tried, in its order. */
export interface DocumentCode {
  readonly steps: readonly (DocumentModule | DocumentCommand)[];
  /** What is wrong with the blocks' opening lines: line and text. */
  readonly findings: readonly { readonly line: number; readonly text: string }[];
}

const otherNames = ["typescript", "tsx", "js", "javascript", "mjs", "jsx"];

/**
 * Reads the code of a Markdown text. On a block's opening line may stand:
 *
 * - `ts`: a module of its own, compiled and run in the document's own folder
 * - `ts more`: goes on with the module before it
 * - `ts file=<name>.ts`: saved under this name, for later blocks and commands
 * - `ts no-run <reason>`: compiled only
 * - `sh run`: each line is a command; anything else is not tried
 */
export function documentCode(markdown: string): DocumentCode {
  const steps: (DocumentModule | DocumentCommand)[] = [];
  const findings: { line: number; text: string }[] = [];
  for (const fence of fences(markdown)) {
    const { language, info, line } = fence;
    if (otherNames.includes(language)) findings.push({ line, text: `say "ts" in the place of "${language}"` });
    if (language === "sh" && info === "run") steps.push(...commands(fence));
    if (language !== "ts") continue;
    if (info === "more") {
      const at = steps.findLastIndex((step) => "code" in step);
      const before = steps[at];
      if (before === undefined || !("code" in before)) findings.push({ line, text: '"more" has no block before it' });
      else steps[at] = { ...before, code: placed(fence, before.code) };
      continue;
    }
    const module = moduleOf(fence);
    if (typeof module === "string") findings.push({ line, text: module });
    else steps.push(module);
  }
  return { steps, findings };
}

function moduleOf(fence: Fence): DocumentModule | string {
  const { info, line } = fence;
  const [, file, rest = ""] = /^(?:file=([\w.-]+\.ts)\s*)?(.*)$/.exec(info) ?? [];
  const module = { name: file ?? `${line}.ts`, code: placed(fence, ""), line };
  if (rest === "") return module;
  const [, reason] = /^no-run\s+(.{10,})$/.exec(rest) ?? [];
  if (reason !== undefined) return { ...module, notRun: reason };
  return `"${info}" says nothing to the check: more, file=<name>.ts, or no-run with a reason`;
}

/** The code below what is there already, at the lines that it has in the document. */
function placed({ code, line }: Fence, before: string): string {
  const used = before === "" ? 0 : before.split("\n").length - 1;
  return `${before}${"\n".repeat(line - 1 - used)}${code}\n`;
}

function commands({ code, line }: Fence): DocumentCommand[] {
  const found: DocumentCommand[] = [];
  let pending = "";
  for (const [index, text] of code.split("\n").entries()) {
    pending += text.trim().replace(/^\$ /, "");
    if (pending.endsWith("\\")) {
      pending = pending.slice(0, -1);
      continue;
    }
    if (pending !== "" && !pending.startsWith("#")) found.push({ text: pending, line: line + index });
    pending = "";
  }
  return found;
}
