import { PassThrough } from "node:stream";
import { t } from "@flyte-ts/core";
import { localTaskContext } from "@flyte-ts/core/testing";
import { expect, test } from "vitest";
import { GateAnswers } from "../src/running/gate-answers.ts";
import { flow, flyteTs, WorkFolder } from "./command.ts";

const run = (cwd: string, ...args: readonly string[]) =>
  flyteTs(["run", flow("gated"), "gated", "--n", "3", ...args], { cwd });

test("gates are told what --answer says, lists and all", async () => {
  using work = new WorkFolder();
  const told = await run(
    work.path,
    "--answer",
    "go-on=yes",
    "--answer",
    'words=["a, b", "c=d"]',
    "--answer",
    "other=1",
  );
  expect(told).toMatchObject({ code: 0, stdout: "6 a, b c=d\n" });
  expect(told.stderr).toContain("--answer other: the run came to no gate of this name");
});

test.each<[string, string[], RegExp]>([
  ["a no", ["--answer", "go-on=no", "--answer", "words=[]"], /gate "go-on" was not approved/],
  [
    "neither yes nor no",
    ["--answer", "go-on=maybe", "--answer", "words=[]"],
    /--answer go-on is "maybe"; it must be yes or no/,
  ],
  [
    "a value of another type",
    ["--answer", "go-on=yes", "--answer", "words=1"],
    /--answer words: expected a list, .*got 1|--answer words/,
  ],
  [
    "no answer",
    ["--answer", "words=[]"],
    /gate "go-on" waits for an answer, and nobody can be asked here: say --answer go-on=yes/,
  ],
  ["nearly its name", ["--answer", "goon=yes", "--answer", "words=[]"], /go-on=yes \(--answer goon names another\)/],
  ["no name", ["--answer", "yes"], /--answer is "yes"; it must be GATE=VALUE/],
  ["two answers", ["--answer", "words=[]", "--answer", "words=[1]"], /--answer words is given twice/],
])("%s is said in a line", async (_what, args, message) => {
  using work = new WorkFolder();
  const { code, stderr } = await run(work.path, ...args);
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
});

/** Somebody who answers what is asked, in turn. */
function somebody(...answers: readonly string[]) {
  const said = { text: "", held: 0 };
  const input = new PassThrough();
  const output = new PassThrough();
  const left = [...answers];
  output.on("data", (chunk: Buffer) => {
    said.text += chunk;
    if (!said.text.endsWith("? ") && !said.text.endsWith(") ")) return;
    const next = left.shift();
    if (next === undefined) input.end();
    else input.write(`${next}\n`);
  });
  const hold = (): (() => void) => {
    said.held += 1;
    return () => {
      said.held -= 1;
    };
  };
  return { said, terminal: { input, output, hold } };
}
const { signal } = new AbortController();
const gate = { id: "n0", signal };

test("on a terminal gates ask, one after another, until the answer is one", async () => {
  await using context = await localTaskContext({ task: "gated" });
  const { said, terminal } = somebody("perhaps", "Yes", "many", "2.5");
  const answers = new GateAnswers({ given: new Map(), terminal, context });
  const both = Promise.all([
    answers.approve({ ...gate, name: "go-on", value: { big: 1n } }),
    answers.input({ ...gate, name: "how-much", type: t.float }),
  ]);
  expect(await both).toEqual([true, 2.5]);
  expect(said.text).toMatch(/^go-on: may {"big":"1"} pass\? \(yes or no\) go-on is "perhaps"; it must be yes or no\n/);
  expect(said.text).toMatch(/how-much: which float\? how-much.*many/);
  expect(said.held).toBe(0);
});

test("who goes away has not answered", async () => {
  await using context = await localTaskContext({ task: "gated" });
  const { terminal } = somebody();
  const answers = new GateAnswers({ given: new Map(), terminal, context });
  await expect(answers.approve({ ...gate, name: "go-on", value: 1 })).rejects.toThrow(
    /nobody answered "go-on: may 1 pass/,
  );
});

test("a gate whose time is over asks no more", async () => {
  await using context = await localTaskContext({ task: "gated" });
  const over = new AbortController();
  const { terminal } = somebody();
  terminal.output.removeAllListeners("data").resume();
  const answers = new GateAnswers({ given: new Map(), terminal, context });
  const asked = answers.approve({ id: "n0", name: "go-on", signal: over.signal, value: 1 });
  over.abort(new Error("over"));
  await expect(asked).rejects.toThrow("over");
});
