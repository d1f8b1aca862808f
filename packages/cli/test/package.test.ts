import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { LaunchPlanMessage, TaskSpec, WorkflowSpec } from "@flyte-ts/core";
import { extract } from "tar-stream";
import { expect, test } from "vitest";
import { type Ended, flows, flyteTs, WorkFolder } from "./command.ts";

const modules = fileURLToPath(new URL("../../../node_modules", import.meta.url));

/** The files of a gzipped tar archive. */
async function unpacked(archive: Uint8Array): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const entries = extract();
  entries.end(gunzipSync(archive));
  for await (const entry of entries) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
    files.set(entry.header.name, Buffer.concat(chunks));
    expect(entry.header).toMatchObject({ uid: 0, gid: 0, mode: 0o644, mtime: new Date(0) });
  }
  return files;
}

/** A project of its own: files, and packages of its own beside flyte-ts. */
class Project extends WorkFolder {
  constructor(files: Readonly<Record<string, string>>) {
    super();
    mkdirSync(this.at("node_modules"));
    symlinkSync(join(modules, "@flyte-ts"), this.at("node_modules/@flyte-ts"));
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(this.at(path)), { recursive: true });
      this.write(path, content);
    }
  }

  package(...args: readonly string[]): Promise<Ended> {
    return flyteTs(["package", ...args], { cwd: this.path });
  }

  archive(name = "flyte-package.tgz"): Promise<Map<string, Buffer>> {
    return unpacked(readFileSync(this.at(name)));
  }
}

const greet = `
import { t, task, workflow } from "@flyte-ts/core";
import { greeting } from "./words/greeting.ts";
import { shout } from "shouting";
export const greet = task({ name: "greet", inputs: { who: t.string }, output: t.string, run: ({ who }) => shout(greeting(who)) });
export const wf = workflow({ name: "greetings", inputs: { who: t.string.default("ada") }, build: ({ who }) => greet({ who }) });
`;
const project = {
  "package.json": '{ "name": "mine", "type": "module" }',
  "greet.ts": greet,
  "words/greeting.ts": `import { EOL } from "node:os"; export const greeting = (who: string): string => ("hello " + who + EOL).trim();`,
  "node_modules/shouting/package.json": '{ "name": "shouting", "main": "main.js" }',
  "node_modules/shouting/main.js": `const path = require("path"); exports.shout = (text) => path.normalize(text).toUpperCase() + "!";`,
};

test("an archive holds what flytectl registers, in the order of its names; whoever registers fills in the rest", async () => {
  using folder = new WorkFolder();
  const args = ["package", "report.ts", "everything.ts", "--output", folder.at("a.tgz"), "--image", "example/flows:1"];
  const { code, stdout, stderr } = await flyteTs(args, { cwd: flows });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const files = await unpacked(readFileSync(folder.at("a.tgz")));
  const names = [...files.keys()];
  expect(stdout).toBe(`${[folder.at("a.tgz"), ...names.map((name) => `  ${name}`)].join("\n")}\n`);
  expect(names).toEqual([
    "0_count_1.pb",
    "1_echo-everything_1.pb",
    "2_lines_1.pb",
    "3_names_1.pb",
    "4_needs_1.pb",
    "5_numbers_1.pb",
    "6_total_1.pb",
    "7_report_2.pb",
    "8_report_3.pb",
  ]);
  const { template } = TaskSpec.decode(files.get("5_numbers_1.pb") ?? Buffer.of());
  expect(template?.id).toMatchObject({ project: "", domain: "", version: "", name: "numbers" });
  const container = template?.target.case === "container" ? template.target.value : undefined;
  expect(container?.image).toBe("example/flows:1");
  expect(container?.args.slice(-4)).toEqual(["module", "report.ts", "entity", "numbers"]);
  expect(WorkflowSpec.decode(files.get("7_report_2.pb") ?? Buffer.of()).template?.id?.name).toBe("report");
  expect(LaunchPlanMessage.decode(files.get("8_report_3.pb") ?? Buffer.of()).spec?.workflowId?.name).toBe("report");
});

test("more than ten files have numbers of two digits, so that their names sort as they do", async () => {
  const tasks = Array.from({ length: 11 }, (_, n) => `export const t${n} = task({ name: "t${n}", run: () => {} });`);
  using folder = new Project({ "many.ts": `import { task } from "@flyte-ts/core";\n${tasks.join("\n")}` });
  expect(await folder.package("many.ts", "--image", "i:1")).toMatchObject({ code: 0 });
  const names = [...(await folder.archive()).keys()];
  expect(names).toHaveLength(11);
  expect(names[0]).toBe("00_t0_1.pb");
  expect(names.at(-1)).toMatch(/^10_/);
});

test("equal code gives equal bytes, in whichever order the files are named", async () => {
  using folder = new Project({
    ...project,
    "other.ts": greet
      .replaceAll("greet", "meet")
      .replace("words/meeting", "words/greeting")
      .replace("{ meeting }", "{ greeting as meeting }"),
  });
  const first = await folder.package("greet.ts", "other.ts", "--image", "i:1", "--fast", "--output", "a.tgz");
  expect(first).toMatchObject({ code: 0, stderr: "" });
  await folder.package("./other.ts", "greet.ts", "greet.ts", "--image", "i:1", "--fast", "--output", "b.tgz");
  expect(readFileSync(folder.at("a.tgz")).equals(readFileSync(folder.at("b.tgz")))).toBe(true);
});

test("an archive that is there is replaced only by --force, and by nothing that is wrong", async () => {
  using folder = new Project(project);
  folder.write("flyte-package.tgz", "mine");
  const refused = await folder.package("greet.ts", "--image", "i:1");
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/flyte-package\.tgz is there already; --force replaces it/);
  expect((await folder.package("greet.ts", "--force")).stderr).toMatch(/task greet needs an image/);
  expect(readFileSync(folder.at("flyte-package.tgz"), "utf8")).toBe("mine");
  expect((await folder.package("greet.ts", "--image", "i:1", "--force")).code).toBe(0);
  expect([...(await folder.archive()).keys()]).toContain("0_greet_1.pb");
  expect(readdirSync(folder.path).filter((name) => name.startsWith("flyte-package"))).toEqual(["flyte-package.tgz"]);
});

test("--fast adds the code, bundled: it runs from the archive alone", async () => {
  using folder = new Project(project);
  expect(await folder.package("greet.ts", "--image", "i:1", "--fast")).toMatchObject({ code: 0, stderr: "" });
  const files = await folder.archive();
  const [name = "", ...more] = [...files.keys()].filter((one) => one.startsWith("fast"));
  expect(more).toEqual([]);
  expect(name).toMatch(/^fast[0-9a-f]{32}\.tar\.gz$/);
  const { template } = TaskSpec.decode(files.get("0_greet_1.pb") ?? Buffer.of());
  const args = template?.target.case === "container" ? template.target.value.args : [];
  expect(args.slice(1, 5)).toEqual([
    "--additional-distribution",
    "{{ .remote_package_path }}",
    "--dest-dir",
    "{{ .dest_dir }}",
  ]);
  expect(args.slice(-4)).toEqual(["module", "greet.mjs", "entity", "greet"]);
  const code = await unpacked(files.get(name) ?? Buffer.of());
  expect([...code.keys()]).toEqual(["greet.mjs"]);
  using container = new WorkFolder();
  mkdirSync(container.at("node_modules"));
  symlinkSync(join(modules, "@flyte-ts"), container.at("node_modules/@flyte-ts"));
  for (const [path, bytes] of code) writeFileSync(container.at(path), bytes);
  const ran = await flyteTs(["run", "greet.mjs", "wf", "--who", "grace", "--json"], { cwd: container.path });
  expect(ran).toMatchObject({ code: 0, stdout: '{"o0":"HELLO GRACE!"}\n' });
});

const native = {
  "node_modules/fast-thing/package.json":
    '{ "name": "fast-thing", "main": "main.js", "dependencies": { "node-gyp-build": "1" } }',
  "node_modules/fast-thing/main.js": "exports.fast = (n) => n;",
};
const usesNative = `
import { t, task } from "@flyte-ts/core";
import { fast } from "fast-thing";
import { unused } from "./unused.ts";
export const quick = task({ name: "quick", inputs: { n: t.int }, output: t.int, run: ({ n }) => fast(n) });
`;

test("a native module is refused by its name, unless the image has it or nothing uses it", async () => {
  const unused = `export const unused = () => import("slow-thing");`;
  const slow = {
    "node_modules/slow-thing/package.json": '{ "name": "slow-thing", "gypfile": true }',
    "node_modules/slow-thing/index.js": "",
  };
  using folder = new Project({ ...project, ...native, ...slow, "quick.ts": usesNative, "unused.ts": unused });
  const refused = await folder.package("quick.ts", "--image", "i:1", "--fast");
  expect(refused.code).toBe(1);
  expect(refused.stderr).toBe(
    "flyte-ts: native modules are built for one machine and cannot be in the archive: fast-thing (imported by quick.ts); leave them out of the code, or have them in the image and say --external fast-thing\n",
  );
  expect(readdirSync(folder.path)).not.toContain("flyte-package.tgz");
  expect((await folder.package("quick.ts", "--image", "i:1", "--fast", "--external", "fast-thing")).code).toBe(0);
  const code = [...(await folder.archive())].find(([name]) => name.startsWith("fast"))?.[1] ?? Buffer.of();
  expect((await unpacked(code)).get("quick.mjs")?.toString()).toContain('from "fast-thing"');
});

test("all that is wrong with all files is said at once", async () => {
  using folder = new Project({
    ...project,
    "broken.ts": "export const = 1;",
    "empty.ts": "export const nothing = 1;",
    "throws.ts": `
      import { task, workflow } from "@flyte-ts/core";
      export const a = task({ name: "a" } as never);
      export const uses = workflow({ name: "uses", build: () => (a as never as () => void)() });
      export const empty = workflow({ name: "empty", build: () => {} });
      export const plain = (a as never as { outputs: { o0: string } }).outputs.o0;
    `,
    "values.ts": `
      import { t, task, workflow } from "@flyte-ts/core";
      export const add = task({ name: "add", inputs: { a: t.int, b: t.int }, output: t.int, run: ({ a, b }) => a + b });
      export const one = workflow({ name: "one", build: () => { add({ a: 0.5, b: "x" as never }); return add({ a: 1, b: 2.5 }); } });
      export const two = task({ name: "greet", run: () => {} });
      export const three = task({ name: "greet", run: () => {} });
    `,
  });
  const { code, stderr } = await folder.package(
    "broken.ts",
    "empty.ts",
    "throws.ts",
    "values.ts",
    "gone.ts",
    "--image",
    "i",
  );
  expect(code).toBe(1);
  for (const part of [
    /things are wrong:/,
    /broken\.ts does not load: /,
    /empty\.ts exports no workflow and no task/,
    /^ {2}- throws\.ts: task a: run is undefined/m,
    /^ {2}- throws\.ts: workflow empty has no node/m,
    /there is no file gone\.ts/,
    /two different tasks are called "greet"/,
  ]) {
    expect(stderr).toMatch(part);
  }
  expect(stderr.match(/run is undefined/g)).toHaveLength(1);
});

test("what no stock Flyte reads is refused, unless the cluster is said to read it", async () => {
  using folder = new Project({
    "large.ts": `
      import { t, task, workflow } from "@flyte-ts/core";
      const text = task({ name: "text", inputs: { x: t.string }, image: "i", run: () => {} });
      export const large = workflow({ name: "large", build: () => text({ x: "x".repeat(3 * 2 ** 20) }) });
    `,
  });
  const { code, stderr } = await folder.package("large.ts");
  expect(code).toBe(1);
  expect(stderr).toMatch(/^flyte-ts: workflow large has 3\.0 MiB, and the cluster reads no object above 2/);
  expect((await folder.package("large.ts", "--max-download-mbs", "no")).stderr).toMatch(/--max-download-mbs is "no"/);
  const read = await folder.package("large.ts", "--max-download-mbs", "10");
  expect(read).toMatchObject({ code: 0, stderr: expect.stringMatching(/^warn workflow large takes about 3\.1 MB/) });
});

test("each value that does not fit is named with its workflow, node and input", async () => {
  using folder = new Project({
    "values.ts": `
      import { t, task, workflow } from "@flyte-ts/core";
      const add = task({ name: "add", inputs: { a: t.int, b: t.int }, output: t.int, run: ({ a, b }) => a + b });
      export const one = workflow({ name: "one", build: () => { add({ a: 0.5, b: "x" as never }); return add({ a: 1, b: 2.5 }); } });
    `,
  });
  const { stderr } = await folder.package("values.ts");
  expect(stderr).toMatch(/^flyte-ts: 4 things are wrong:/);
  expect(stderr).toMatch(/task add needs an image/);
  expect(stderr).toMatch(/workflow one: n0 \(add\), input "a": /);
  expect(stderr).toMatch(/workflow one: n0 \(add\), input "b": /);
  expect(stderr).toMatch(/workflow one: n1 \(add\), input "b": /);
});

test("a wrong command line says what would be right", async () => {
  using folder = new Project(project);
  expect((await folder.package()).stderr).toMatch(/name files: flyte-ts package FILE…/);
  expect((await folder.package("../x.ts")).stderr).toMatch(/\.\.\/x\.ts is not below the working folder/);
  expect((await folder.package("greet.ts", "--output", ".")).stderr).toMatch(/which is a folder/);
  expect((await folder.package("greet.ts", "--external", "x")).stderr).toMatch(/which --fast alone does/);
});

test("a command that was told to stop writes nothing more", async () => {
  // a listener of signals alone keeps no process alive
  const told = `
const alive = setInterval(() => {}, 1000);
await new Promise((resolve) => { process.once("SIGTERM", resolve); process.kill(process.pid, "SIGTERM"); });
clearInterval(alive);
`;
  using folder = new Project({ ...project, "greet.ts": `${told}${greet}` });
  const before = readdirSync(folder.path);
  for (const args of [
    ["package", "greet.ts", "--image", "i:1"],
    ["serialize", "greet.ts", "--image", "i:1", "--output", "pb"],
    ["graph", "greet.ts", "wf", "--svg", "w.svg"],
  ]) {
    expect(await flyteTs(args, { cwd: folder.path })).toMatchObject({ code: 143, stdout: "" });
  }
  expect(readdirSync(folder.path)).toEqual(before);
});
