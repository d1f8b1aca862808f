/** A fenced block of code in a document, or a comment `<!-- ts … -->` that prepares one. */
export interface Fence {
  readonly language: string;
  /** What follows the language on the opening line. */
  readonly info: string;
  readonly code: string;
  /** The line of the code's first line, from 1. */
  readonly line: number;
}

/** The fenced blocks of a Markdown text, in order. Blocks that are indented, as in a list, lose their indent. */
export function fences(markdown: string): Fence[] {
  const found: Fence[] = [];
  const lines = markdown.split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const opening = /^(\s*)(`{3,}|~{3,})\s*(\S*)\s*(.*)$/.exec(lines[at] ?? "");
    const hidden = opening === null ? /^<!-- (ts)\b\s*(.*)$/.exec(lines[at] ?? "") : null;
    if (opening === null && hidden === null) continue;
    const [, indent = "", fence = ""] = opening ?? [];
    const end = hidden === null ? new RegExp(`^\\s*${fence}\\s*$`) : /^-->\s*$/;
    const start = at + 1;
    at = start;
    while (at < lines.length && !end.test(lines[at] ?? "")) at += 1;
    const code = lines.slice(start, at).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    const language = opening?.[3] ?? hidden?.[1] ?? "";
    const info = (opening?.[4] ?? hidden?.[2] ?? "").trim();
    found.push({ language, info, code: code.join("\n"), line: start + 1 });
  }
  return found;
}
