import { FlyteError } from "../errors/flyte-error.ts";

/** A place of a script where a value stands. */
export interface ScriptPlaceholder {
  readonly kind: "inputs" | "outputs";
  readonly name: string;
  /** True inside `$((…))`, where shells read a value again: some run the commands in it. */
  readonly arithmetic?: boolean;
}

/** What surrounds a piece of a script. */
type Surrounding = "plain" | "double" | "single" | "substitution" | "arithmetic" | "parentheses";

/**
 * A script for a POSIX shell in which each placeholder has become the expansion of a variable. Expansions are never read
 * as script again, so no value can run as code; outside quotes they are quoted, so that none is split either.
 * @param variable the variable that holds a placeholder's value.
 * @throws FlyteError `InvalidDefinition` for a placeholder in single quotes, where a shell expands nothing.
 */
export function expandScript(script: string, variable: (place: ScriptPlaceholder) => string): string {
  const stack: Surrounding[] = ["plain"];
  const heredocs: Heredoc[] = [];
  let out = "";
  let at = 0;
  const top = (): Surrounding => stack.at(-1) ?? "plain";
  const take = (length: number): void => {
    out += script.slice(at, at + length);
    at += length;
  };
  while (at < script.length) {
    const place = placeholderAt(script, at);
    if (place !== undefined) {
      const arithmetic = stack.includes("arithmetic");
      const name = variable({ ...place, arithmetic });
      if (top() === "single") {
        throw new FlyteError(
          "InvalidDefinition",
          `the script has {{ .${place.kind}.${place.name} }} in single quotes, where nothing is filled in; use double ones`,
        );
      }
      out += arithmetic || top() === "double" ? `\${${name}}` : `"\${${name}}"`;
      at += place.length;
      continue;
    }
    const character = script[at];
    if (top() === "single") {
      if (character === "'") stack.pop();
      take(1);
    } else if (character === "\\") {
      take(2);
    } else if (character === "'" && top() !== "double") {
      stack.push("single");
      take(1);
    } else if (character === '"') {
      if (top() === "double") stack.pop();
      else stack.push("double");
      take(1);
    } else if (script.startsWith("$((", at)) {
      // Each of its two parentheses is closed by one.
      stack.push("arithmetic", "arithmetic");
      take(3);
    } else if (script.startsWith("$(", at)) {
      stack.push("substitution");
      take(2);
    } else if (script.startsWith("${", at)) {
      // What is quoted in ${x:-…} is quoted as around it.
      take(2);
    } else if (top() === "double") {
      take(1);
    } else if (character === "(") {
      stack.push("parentheses");
      take(1);
    } else if (character === ")") {
      if (stack.length > 1) stack.pop();
      take(1);
    } else if (character === "#" && /(^|[\s;&|(])$/.test(script.slice(Math.max(0, at - 1), at))) {
      const end = script.indexOf("\n", at);
      const comment = script.slice(at, end === -1 ? undefined : end);
      out += comment;
      at += comment.length;
    } else if (script.startsWith("<<", at) && top() !== "arithmetic" && !script.startsWith("<<<", at)) {
      const heredoc = heredocAt(script, at);
      if (heredoc !== undefined) heredocs.push(heredoc);
      take(heredoc?.length ?? 2);
    } else if (character === "\n" && heredocs.length > 0) {
      take(1);
      for (const heredoc of heredocs.splice(0)) {
        const body = heredocBody(script, at, heredoc);
        out += expandHeredoc(body, heredoc, variable);
        at += body.length;
      }
    } else {
      take(1);
    }
  }
  return out;
}

/** A text that only holds values: a path. */
export function expandText(text: string, value: (place: ScriptPlaceholder) => string): string {
  return text.replaceAll(/\{\{\s*\.(inputs|outputs)\.([^}\s]+)\s*\}\}/gi, (_, kind: string, name: string) =>
    value({ kind: kind.toLowerCase() as "inputs", name }),
  );
}

function placeholderAt(script: string, at: number): (ScriptPlaceholder & { readonly length: number }) | undefined {
  if (!script.startsWith("{{", at)) return undefined;
  const match = /^\{\{\s*\.(inputs|outputs)\.([^}\s]+)\s*\}\}/i.exec(script.slice(at));
  if (match === null) return undefined;
  const [text, kind = "", name = ""] = match;
  return { kind: kind.toLowerCase() as "inputs", name, length: text.length };
}

interface Heredoc {
  readonly delimiter: string;
  readonly quoted: boolean;
  readonly tabs: boolean;
  /** The length of `<<EOF` itself. */
  readonly length: number;
}

function heredocAt(script: string, at: number): Heredoc | undefined {
  const match = /^<<(-?)[ \t]*(?:'([^'\n]+)'|"([^"\n]+)"|(\\?)([A-Za-z0-9_.]+))/.exec(script.slice(at, at + 256));
  if (match === null) return undefined;
  const [text, tabs, single, double, escaped, bare] = match;
  const delimiter = single ?? double ?? bare ?? "";
  return { delimiter, quoted: bare === undefined || escaped !== "", tabs: tabs === "-", length: text.length };
}

function heredocBody(script: string, at: number, { delimiter, tabs }: Heredoc): string {
  let end = at;
  while (end < script.length) {
    const next = script.indexOf("\n", end);
    const line = script.slice(end, next === -1 ? undefined : next);
    end = next === -1 ? script.length : next + 1;
    if ((tabs ? line.replace(/^\t+/, "") : line) === delimiter) break;
  }
  return script.slice(at, end);
}

function expandHeredoc(body: string, { quoted }: Heredoc, variable: (place: ScriptPlaceholder) => string): string {
  return expandText(body, (place) => {
    if (!quoted) return `\${${variable(place)}}`;
    throw new FlyteError(
      "InvalidDefinition",
      `the script has {{ .${place.kind}.${place.name} }} in a text after << with a quoted end, where nothing is filled in`,
    );
  });
}
