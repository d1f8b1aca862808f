import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { flow, flows, flyteTs, WorkFolder } from "./command.ts";

const folder = new WorkFolder();
const at = (name: string): string => folder.at(name);

beforeAll(() => {
  folder.write("package.json", '{ "type": "module" }');
  folder.write("broken.ts", "export const a = 1;\nconst b: number = = 3;\n");
  folder.write("enum.ts", "export enum Size { small }\n");
  folder.write("nothing.ts", "export const a = 1;\n");
  folder.write("throws.ts", 'function late(): never {\n  throw new TypeError("not today");\n}\nlate();\n');
  folder.write("package-missing.ts", 'import "not-installed-at-all";\n');
  mkdirSync(at("common"));
  folder.write("common/package.json", '{ "type": "commonjs" }');
  folder.write("common/flow.ts", 'import "node:fs";\nexport const a = 1;\n');
  folder.write("notes.md", "# notes\n");
  folder.write("wrong.json", '{ "limit": 3, }');
  folder.write("wrong.yaml", "limit: [1, 2\nsince: 3\n");
  folder.write("list.json", "[1, 2]");
  folder.write("typo.json", '{ "limt": 3 }');
  folder.write("text.json", '{ "limit": "many", "since": "2024-01-01", "color": "red" }');
  mkdirSync(at("folder"));
});
afterAll(() => folder[Symbol.dispose]());

const needed = ["--limit", "1", "--since", "2024-01-31", "--color", "red"];
const needs = (...more: readonly string[]) => ["run", flow("everything"), "needs", ...needed, ...more];
const instead = (name: string, value: string) => {
  const rest = [...needed];
  rest[rest.indexOf(`--${name}`) + 1] = value;
  return ["run", flow("everything"), "needs", ...rest];
};

/** What is typed, and what is answered; the exit code is 1 unless another is named. */
const cases: readonly (readonly [what: string, args: readonly string[], message: string, code?: number])[] = [
  ["a command that there is not", ["rum", "x.ts"], 'there is no command "rum"; did you mean run?'],
  [
    "a file in the place of a command",
    ["flow.ts"],
    'there is no command "flow.ts"; to run a file: flyte-ts run flow.ts',
  ],
  ["no file", ["run"], "flyte-ts run: name a file: flyte-ts run FILE [ENTITY]"],
  ["a flag of no command", ["run", "--jsn", flow("trivial")], "there is no flag --jsn; did you mean --json?"],
  [
    "a missing file",
    ["run", join(flows, "repot.ts")],
    `there is no file ${join(flows, "repot.ts")}; did you mean ${flow("report")}?`,
  ],
  ["a missing folder", ["run", "no/where/x.ts"], "there is no file no/where/x.ts: the folder does not exist"],
  ["a folder", ["run", flows], `${flows} is a folder; name a file, such as ${flows}/`],
  ["a file of another kind", ["run", "notes.md"], "notes.md is no file that Node can run; its name must end in .ts, "],
  ["a file that does not parse", ["run", "broken.ts"], "broken.ts does not load: Expression expected"],
  ["a module that is taken for none", ["run", "common/flow.ts"], "make it a module: npm pkg set type=module"],
  ["TypeScript that Node cannot run", ["run", "enum.ts"], "enum.ts does not load: TypeScript enum is not supported"],
  ["a file that throws", ["run", "throws.ts"], "throws.ts does not load: TypeError: not today"],
  ["a package that is not installed", ["run", "package-missing.ts"], "to install it: npm install not-installed-at-all"],
  ["a file without entities", ["run", "nothing.ts"], "nothing.ts exports no workflow and no task: export what"],
  [
    "an entity that there is not",
    ["run", flow("report"), "reprot"],
    'has no workflow or task "reprot"; did you mean report? There are numbers (task), total (task), report (workflow)',
  ],
  [
    "no entity where there are several",
    ["run", flow("everything")],
    "exports several: say which one, behind the file: count (task), echo-everything (task), ",
  ],
  [
    "missing inputs",
    ["run", flow("everything"), "needs"],
    "needs needs --limit INT --since TIME --color red|green|blue",
  ],
  ["an unknown input", needs("--limt", "5"), "there is no flag --limt; did you mean --limit?"],
  ["an input twice", needs("--limit", "5"), "--limit is given twice"],
  [
    "an input without its value",
    ["run", flow("everything"), "needs", "--limit", "--color", "red"],
    "--limit needs a value: --limit INT",
  ],
  ["a word that stands alone", needs("5"), '"5" stands alone; inputs are flags, such as --limit 5'],
  ["a fraction for an int", instead("limit", "1.5"), '--limit is "1.5"; it must be a whole number'],
  [
    "an int that is too large",
    instead("limit", "9007199254740993"),
    "--limit: 9007199254740993 is too large for t.int, which is exact up to 2^53; use t.bigint",
  ],
  [
    "a bigint beyond 64 bits",
    ["run", flow("everything"), "echo", "--bigint", "9223372036854775808"],
    "--bigint: expected an integer of 64 bits",
  ],
  ["a word for a float", ["run", flow("failing"), "half", "--a", "four"], '--a is "four"; it must be a number'],
  [
    "a day that there is not",
    instead("since", "2024-02-31"),
    '--since is "2024-02-31"; it must be a time such as 2024-01-31T12:30:00Z',
  ],
  [
    "a value that no enum has",
    instead("color", "gren"),
    '--color is "gren"; it must be one of red, green, blue; did you mean green?',
  ],
  [
    "a duration without its unit",
    needs("--within", "90"),
    '--within is "90"; it must be a duration with its unit, such as 90s',
  ],
  ["a boolean that is none", needs("--strict=maybe"), '--strict is "maybe"; it must be true or false'],
  ["what is no JSON", needs("--sizes", "[1, 2"), "--sizes is not JSON: "],
  ["a list that is no JSON", needs("--sizes", "one,two"), "; it must be a list, such as [1, 2]"],
  ["an object for a list", needs("--sizes", "{}"), "--sizes is {}; it must be a list in JSON, such as [1, 2]"],
  ["a wrong item", needs("--sizes", '[1, "two"]'), '--sizes[1] is "two"; it must be a whole number'],
  [
    "a field that there is not",
    needs("--box", '{"size": {"widht": 3}}'),
    '--box.size has no field "widht"; did you mean "width"?',
  ],
  ["a field that is missing", needs("--box", "{}"), '--box lacks the field "size"'],
  [
    "a file that is not there",
    ["run", flow("everything"), "lines", "--file", "none.txt"],
    "--file: there is no file none.txt",
  ],
  [
    "a folder for a file",
    ["run", flow("everything"), "lines", "--file", "folder"],
    "--file: folder is a folder; it must be a file",
  ],
  [
    "a file for a folder",
    ["run", flow("everything"), "names", "--folder", "notes.md"],
    "--folder: notes.md is a file; it must be a folder",
  ],
  ["a dataset that is none", ["run", flow("everything"), "count", "--rows", "notes.md"], "notes.md"],
  [
    "a missing file of inputs",
    ["run", flow("everything"), "needs", "--inputs", "none.json"],
    "--inputs: there is no file none.json",
  ],
  [
    "a file of inputs of another kind",
    ["run", flow("everything"), "needs", "--inputs", "notes.md"],
    '--inputs is "notes.md"; it must be a .json or .yaml file, or - for standard input',
  ],
  [
    "a file of inputs that is no JSON",
    ["run", flow("everything"), "needs", "--inputs", "wrong.json"],
    "wrong.json is not JSON: ",
  ],
  [
    "a file of inputs that is no YAML",
    ["run", flow("everything"), "needs", "--inputs", "wrong.yaml"],
    "wrong.yaml is not YAML: ",
  ],
  [
    "standard input that is empty",
    ["run", flow("everything"), "needs", "--inputs", "-"],
    "standard input is empty; it must hold an object with inputs by name",
  ],
  [
    "a file of inputs that holds a list",
    ["run", flow("everything"), "needs", "--inputs", "list.json"],
    "list.json holds [1,2]; it must hold an object with inputs by name",
  ],
  [
    "a file with an unknown input",
    ["run", flow("everything"), "needs", "--inputs", "typo.json"],
    'typo.json: needs has no input "limt"; did you mean "limit"?',
  ],
  [
    "a file with a wrong value",
    ["run", flow("everything"), "needs", "--inputs", "text.json"],
    'text.json: limit is "many"; it must be a whole number',
  ],
  [
    "a boolean that is neither, behind its flag",
    needs("--strict", "perhaps"),
    '--strict is "perhaps"; it must be true or false',
  ],
  [
    "several wrong values",
    [...instead("limit", "many"), "--within", "5"],
    '2 things are wrong:\n  - --limit is "many"; it must be a whole number\n  - --within is "5"',
  ],
  [
    "an isolation that there is not",
    ["run", flow("trivial"), "--n", "1", "--isolate", "thread"],
    '--isolate is "thread"; it must be process',
  ],
  [
    "a folder for the run that is a file",
    ["run", flow("trivial"), "--n", "1", "--output-dir", "notes.md"],
    '--output-dir is "notes.md", which is a file',
  ],
  [
    "a folder for the run that is a URI",
    ["run", flow("trivial"), "--n", "1", "--output-dir", "s3://a/b"],
    '--output-dir is "s3://a/b"; it must be a local folder',
  ],
  ["the graph of a task", ["graph", flow("everything"), "needs"], "needs is a task; only a workflow has a graph"],
  ["serialising to nowhere", ["serialize", flow("trivial")], "--output DIR is missing"],
  [
    "serialising without an image",
    ["serialize", flow("trivial"), "--output", "out", "--module", "flow.ts"],
    "task double needs an image: give --image, set FLYTE_INTERNAL_IMAGE",
  ],
  [
    "serialising into a folder that cannot be",
    ["serialize", flow("trivial"), "--output", "notes.md/out", "--image", "i", "--module", "flow.ts"],
    "notes.md/out cannot be written: ENOTDIR",
  ],
  [
    "serialising a file that is elsewhere",
    ["serialize", flow("trivial"), "--output", "out", "--image", "i"],
    "is not below the working folder; say with --module",
  ],
  [
    "serialising with an image that is none",
    ["serialize", flow("trivial"), "--output", "out", "--image", "a b", "--module", "flow.ts"],
    '--image is "a b"; it must have no spaces',
  ],
  ["a package of a URI", ["package", "--fast", "s3://code/x", "--image", "i"], "s3://code/x is a URI; name files"],
  [
    "a package of a size that is none",
    ["package", "broken.ts", "--output", "notes.md", "--max-download-mbs", "lots"],
    '--max-download-mbs is "lots"; it must be a number of MiB above 0',
  ],
  [
    "a picture that is a folder",
    ["graph", flow("trivial"), "--svg", "folder"],
    "folder cannot be written: it is a folder",
  ],
  ["a picture in a folder that there is not", ["graph", flow("trivial"), "--svg", "no/x.svg"], "there is no folder"],
  [
    "a wrong command line of the entrypoint",
    ["execute", "--inptus", "x"],
    "there is no flag --inptus; did you mean --inputs?",
  ],
  ["a service that does not answer", ["run", flow("failing"), "down"], "task down: the service does not answer", 2],
];

const named = cases.map(([what, args, message, code = 1]) => ({ what, args, message, code }));

test.concurrent.each(named)("$what", async ({ args, message, code }) => {
  const { code: exit, stdout, stderr } = await flyteTs(args, { cwd: folder.path });
  expect(stderr).toContain(message);
  expect({ exit, stdout }).toEqual({ exit: code, stdout: "" });
  expect(stderr).not.toMatch(/flyte-ts: flyte-ts|node:internal|packages\/\w+\/(dist|src)\//);
});
