import { parseSync } from "oxc-parser";

/** The text of a TypeScript file with its comments and strings blanked; every line and column stays where it is. */
export function codeOnly(file: string, text: string): string {
  const { program, comments } = parseSync(file, text);
  const spans: Span[] = [...comments];
  collectStrings(program, spans);
  let code = "";
  let at = 0;
  for (const { start, end } of spans.sort((left, right) => left.start - right.start)) {
    if (start < at) continue;
    code += text.slice(at, start) + text.slice(start, end).replaceAll(/[^\n]/g, " ");
    at = end;
  }
  return code + text.slice(at);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function collectStrings(node: unknown, spans: Span[]): void {
  if (Array.isArray(node)) {
    for (const item of node) collectStrings(item, spans);
  } else if (typeof node === "object" && node !== null) {
    if (isString(node)) spans.push(node);
    else for (const value of Object.values(node)) collectStrings(value, spans);
  }
}

function isString(node: object): node is Span {
  if (!("type" in node)) return false;
  return (
    node.type === "TemplateElement" || (node.type === "Literal" && "value" in node && typeof node.value === "string")
  );
}
