import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile, type FlyteFile, shellTask, t, workflow } from "@flyte-ts/core";
import { runWorkflowHere, TaskTemplate } from "@flyte-ts/core/plugin";
import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";

const echo = shellTask({
  name: "shell.echo",
  inputs: { text: t.string },
  outputs: { said: t.file("txt") },
  script: 'printf %s {{ .inputs.text }} > "{{ .outputs.said }}"',
});

/** What a script says about one text. */
async function said(script: string, text: string): Promise<string> {
  const task = shellTask({
    name: "shell.said",
    inputs: { text: t.string, n: t.int.default(3) },
    outputs: { said: t.file("txt") },
    script,
  });
  return (await task({ text })).said.text();
}

test("it has the types of its inputs and outputs", async () => {
  const call = echo({ text: "hello" });
  expectTypeOf(call).resolves.toEqualTypeOf<{ said: FlyteFile }>();
  expect(await (await call).said.text()).toBe("hello");
  // @ts-expect-error the input is missing
  expect(() => echo({})).toThrow('needs a value for its input "text"');
  const wrong = () =>
    shellTask({
      name: "shell.wrong",
      outputs: { a: t.int },
      script: "true",
      // @ts-expect-error there is no such output
      locations: { b: "x" },
    });
  expect(wrong).toThrow("locations.b is the place of no output");
});

describe("a value is one word and never script", () => {
  const hostile = [
    "a b  c",
    "$(touch pwned)",
    "`touch pwned`",
    "'; touch pwned; '",
    '"; touch pwned; "',
    "*",
    "~",
    "-n",
    "$HOME",
    "new\nline\nEOF\ntouch pwned",
    "\\",
    "#",
    "",
  ];
  test.each([
    ["outside quotes", "printf %s {{ .inputs.text }} > {{ .outputs.said }}"],
    ["in double quotes", 'printf %s "{{.inputs.text}}" > "{{.outputs.said}}"'],
    [
      "in a substitution",
      "printf %s \"$(printf %s {{ .inputs.text }}; echo .)\" | sed '$ s/\\.$//' > {{ .outputs.said }}",
    ],
    ["in a substitution's quotes", 'x="$(printf %s "{{ .inputs.text }}")"; printf %s "$x" > {{ .outputs.said }}'],
    ["after an assignment", 'x={{ .inputs.text }}\nprintf %s "$x" > {{ .outputs.said }}'],
    [
      "in a text after <<",
      "cat > {{ .outputs.said }}.all <<EOF\n{{ .inputs.text }}.\nEOF\nprintf %s \"$(cat {{ .outputs.said }}.all)\" | sed '$ s/\\.$//' > {{ .outputs.said }}; # it's done",
    ],
    ["after a comment", "# it's {{ .inputs.text }}\nprintf %s {{ .inputs.text }} > {{ .outputs.said }}"],
  ])("%s", async (_, script) => {
    for (const text of hostile) expect(await said(script, text)).toBe(text);
  });

  test("any text", async () => {
    const text = fc
      .string({ unit: "binary", maxLength: 40 })
      .filter((value) => !value.includes("\0") && value.isWellFormed());
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        expect(await said("printf %s {{ .inputs.text }} > {{ .outputs.said }}", value)).toBe(value);
      }),
      { numRuns: 10 },
    );
  });

  test("in single quotes it is refused, where a shell fills nothing in", () => {
    const define = (script: string) => () => shellTask({ name: "shell.x", inputs: { a: t.string }, script });
    expect(define("echo '{{ .inputs.a }}'")).toThrow("task shell.x: the script has {{ .inputs.a }} in single quotes");
    expect(define("cat <<'EOF'\n{{ .inputs.a }}\nEOF")).toThrow("quoted end");
    expect(define("echo $(({{ .inputs.a }} + 1))")).toThrow("is no number");
    expect(define("echo {{ .inputs.b }}")).toThrow('there is no input "b"; there are a');
    expect(define(" ")).toThrow("script is empty");
  });

  test("numbers can be counted with", async () => {
    expect(await said("printf %s $(({{ .inputs.n }} << 2)) > {{ .outputs.said }}", "")).toBe("12");
  });
});

test("it reads values of every kind, and writes simple ones, files and folders", async () => {
  const folder = await mkdtemp(join(tmpdir(), "flyte-ts-shell-"));
  await writeFile(join(folder, "in.txt"), "from a file");
  const task = shellTask({
    name: "shell.kinds",
    inputs: {
      file: t.file("txt"),
      whole: t.bigint,
      half: t.float,
      yes: t.boolean,
      list: t.list(t.string),
      missing: t.optional(t.int),
      wait: t.duration,
      name: t.string,
    },
    outputs: { file: t.file(), folder: t.directory(), count: t.bigint, ok: t.boolean, took: t.duration, json: t.json },
    locations: { file: "{{ .inputs.name }}.md", json: "sub/deep.json" },
    environment: { MODE: "loud" },
    script: `
      cat {{ .inputs.file }} > {{ .outputs.file }}
      mkdir {{ .outputs.folder }}; echo $MODE > {{ .outputs.folder }}/mode
      echo {{ .inputs.whole }} > {{ .outputs.count }}
      echo {{ .inputs.yes }} > {{ .outputs.ok }}
      echo {{ .inputs.wait }} > {{ .outputs.took }}
      printf '{"list":%s,"half":%s,"missing":"%s","file":"%s"}' {{ .inputs.list }} {{ .inputs.half }} {{ .inputs.missing }} {{ .outputs.file }} > {{ .outputs.json }}
    `,
  });
  const kinds = workflow({
    name: "shell.kinds-wf",
    inputs: { file: t.file("txt") },
    build: ({ file }) =>
      task({
        file,
        whole: 9_007_199_254_740_993n,
        half: 1e-7,
        yes: true,
        list: ["a b", '"'],
        wait: 90_500,
        name: "report",
      }).outputs,
  });
  const outputs = await kinds({ file: join(folder, "in.txt") });
  expect(await outputs.file.text()).toBe("from a file");
  expect(outputs.file.uri).toMatch(/report\.md$/);
  expect(outputs.count).toBe(9_007_199_254_740_993n);
  expect(outputs.ok).toBe(true);
  expect(outputs.took).toBe(90_500);
  expect(outputs.json).toEqual({
    list: ["a b", '"'],
    half: 1e-7,
    missing: "",
    file: expect.stringMatching(/report\.md$/),
  });
  for await (const file of outputs.folder.files()) expect(await file.text()).toBe("loud\n");
  await rm(folder, { recursive: true });
});

test("a script that fails may be tried again, and says what it said", async () => {
  const fails = shellTask({ name: "shell.fails", script: "echo no luck >&2; exit 3" });
  await expect(fails()).rejects.toMatchObject({
    code: "Recoverable",
    message: "task shell.fails: the script ended with exit code 3: no luck",
  });
  const silent = shellTask({ name: "shell.silent", outputs: { a: t.int }, script: "true" });
  await expect(silent()).rejects.toThrow("task shell.silent, output a: there is no file");
  const wrong = shellTask({ name: "shell.wrong", outputs: { a: t.int }, script: "echo many > {{ .outputs.a }}" });
  await expect(wrong()).rejects.toThrow('task shell.wrong, output a: "many" is not an integer');
  const large = shellTask({ name: "shell.large", inputs: { a: t.string }, script: "echo {{ .inputs.a }}" });
  await expect(large({ a: "x".repeat(200_000) })).rejects.toMatchObject({ code: "TooLarge" });
  await expect(large({ a: "\0" })).rejects.toMatchObject({ code: "InvalidInput" });
});

test("an abort ends the script and what it started", async () => {
  const stop = new AbortController();
  const started = shellTask({
    name: "shell.waits",
    inputs: { mark: t.string },
    script: "echo $$ > {{ .inputs.mark }}; sleep 600 & wait",
  });
  const waits = workflow({
    name: "shell.waits-wf",
    inputs: { mark: t.string },
    build: ({ mark }) => void started({ mark }),
  });
  const folder = await mkdtemp(join(tmpdir(), "flyte-ts-shell-"));
  const mark = join(folder, "began");
  const run = runWorkflowHere(waits, { mark }, { signal: stop.signal, directory: folder });
  const { watch } = await import("node:fs/promises");
  const { existsSync } = await import("node:fs");
  for await (const _ of watch(folder, { signal: AbortSignal.timeout(20_000) })) if (existsSync(mark)) break;
  stop.abort(new Error("enough"));
  await expect(run).rejects.toThrow("enough");
  await rm(folder, { recursive: true, force: true });
});

test("on a cluster it is a task of the author's image", async () => {
  const { tasks } = await compile(echo, { project: "p", domain: "d", version: "v", module: "m.ts", image: "img:1" });
  const { type, target, interface: variables } = tasks[0]?.template ?? TaskTemplate.create();
  expect(type).toBe("python-task");
  expect(target.case === "container" && target.value.args.slice(-4)).toEqual([
    "module",
    "m.ts",
    "entity",
    "shell.echo",
  ]);
  expect(Object.keys(variables?.outputs?.variables ?? {})).toEqual(["said"]);
});
