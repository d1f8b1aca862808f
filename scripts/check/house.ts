import { parse } from "node:path";
import type { Check } from "./check.ts";
import { codeOnly } from "./code-only.ts";
import { command } from "./command.ts";
import type { Project } from "./project.ts";

const usualLines = 350;
const mostLines = 500;
const longShare = 0.05;

/** A rule over the text of one file. */
interface TextRule {
  /** Which files it looks at, by path. */
  readonly applies: (file: string) => boolean;
  /** What it looks at: everything, or what is neither comment nor string. */
  readonly reads: "text" | "code";
  readonly pattern: RegExp;
  readonly message: string;
}

const isSource = (file: string): boolean => /^(packages|plugins)\/[^/]+\/src\//.test(file) && file.endsWith(".ts");
const isTest = (file: string): boolean => file.endsWith(".test.ts");
const isOwnClock = (file: string): boolean => isTest(file) && !file.startsWith("interop/");

const rules: readonly TextRule[] = [
  {
    applies: isTest,
    reads: "code",
    pattern: /\b(?:it|test|describe|suite)(?:\.\w+)*\.(?:only|skip|skipIf|runIf|todo|fails)\b/g,
    message: "every test runs, or is not there",
  },
  {
    applies: isOwnClock,
    reads: "code",
    // not every "sleep(": core has a gate of that name, which a workflow's build calls and never awaits
    pattern: /(?<![.\w])(?:(?:setTimeout|setInterval)\(|await sleep\()|Atomics\.wait\(/g,
    message: "no timer in a test: wait for the event, or own the clock",
  },
  {
    applies: isOwnClock,
    reads: "text",
    pattern: /from ["'](?:node:)?timers(?:\/promises)?["']/g,
    message: "no timer in a test: wait for the event, or own the clock",
  },
  {
    applies: isTest,
    reads: "text",
    // a property of an expected object: vitest compares its own properties, of which a regular expression has none
    pattern: /\b(?:message|stderr|stdout|details|stack|name|uri|url): +(?:new RegExp\(|\/(?![/*]))/g,
    message: "toMatchObject takes anything for a regular expression: expect.stringMatching(…)",
  },
  {
    applies: (file) => isSource(file) || isTest(file),
    reads: "code",
    pattern: /\bas unknown as\b|\bas any\b/g,
    message: "no way round the compiler",
  },
  {
    applies: (file) => isSource(file) || isTest(file),
    reads: "text",
    pattern: /@ts-(?:ignore|nocheck)/g,
    message: "no way round the compiler",
  },
  { applies: isSource, reads: "text", pattern: /@ts-expect-error/g, message: "only a test expects an error" },
  { applies: isSource, reads: "code", pattern: /^(?:export )?(?:let|var) /gm, message: "no mutable module state" },
];

/** What `DESIGN` calls house rules, as far as a text shows them. Biome holds the names of files, `any` and enums. */
export const house: Check = {
  name: "house",
  async run(project) {
    const sources = (await project.sources()).filter((file) => !file.includes("/src/gen/"));
    const hosts = await registryHosts(project);
    const findings = [
      ...lengths(project, sources),
      ...sources.flatMap(names),
      ...sources.flatMap((file) => textRules(project, file)),
      ...(await project.files()).flatMap((file) => foreignWords(project, file, hosts)),
    ];
    return { summary: `${sources.length} sources`, findings };
  },
};

function lengths(project: Project, sources: readonly string[]): string[] {
  const long = sources
    .map((file) => ({ file, count: project.read(file).split("\n").length - 1 }))
    .filter(({ count }) => count > usualLines);
  const tooMany = long.length > sources.length * longShare;
  return long
    .filter(({ count }) => tooMany || count > mostLines)
    .map(({ file, count }) =>
      count > mostLines
        ? `${file}: ${count} lines; above ${mostLines} a file is split`
        : `${file}: ${count} lines; ${long.length} files of ${sources.length} pass ${usualLines}, and 5% may`,
    );
}

function names(file: string): string[] {
  const { name, dir } = parse(file);
  const findings: string[] = [];
  if (/^(?:utils?|helpers?|common|misc)$/.test(name.replace(/\.test$/, "")))
    findings.push(`${file}: a name says what is in it`);
  if (isSource(file)) {
    const [, inside = ""] = /\/src\/?(.*)$/.exec(dir) ?? [];
    if (inside.includes("/")) findings.push(`${file}: folders stand one level deep below src/`);
    if (name === "index" && inside !== "") findings.push(`${file}: index.ts is a package's face only`);
  }
  return findings;
}

function textRules(project: Project, file: string): string[] {
  const active = rules.filter(({ applies }) => applies(file));
  if (active.length === 0) return [];
  const text = project.read(file);
  const code = codeOnly(file, text);
  return active.flatMap(({ reads, pattern, message }) =>
    [...(reads === "code" ? code : text).matchAll(pattern)].map(({ index, 0: found }) => {
      return `${file}:${text.slice(0, index).split("\n").length}: ${found.trim()}: ${message}`;
    }),
  );
}

/** The hosts of package registries: the public ones, and whichever this machine is set to. */
async function registryHosts(project: Project): Promise<string[]> {
  const public_ = [
    ["registry", "npmjs", "org"],
    ["registry", "yarnpkg", "com"],
    ["files", "pythonhosted", "org"],
    ["pypi", "org"],
    ["proxy", "golang", "org"],
  ].map((parts) => parts.join("."));
  const { stdout } = await command("npm", ["config", "get", "registry"], { cwd: project.root });
  const urls = [stdout.trim(), process.env.PIP_INDEX_URL ?? "", ...(process.env.GOPROXY ?? "").split(",")];
  const own = urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).hostname);
  return [...new Set([...public_, ...own])].filter((host) => host !== "" && host !== "localhost");
}

/** Words of machines: registry hosts, and the path of this checkout. */
function foreignWords(project: Project, file: string, hosts: readonly string[]): string[] {
  const text = project.read(file);
  const found = [...hosts, `${project.root}/`].filter((word) => text.includes(word));
  return found.map((word) => `${file}: names ${word}, which is a fact of one machine`);
}
