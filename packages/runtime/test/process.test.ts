import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ContainerFolder, fixtures, integer, text } from "./container.ts";

const source = fileURLToPath(new URL("../src/execute.ts", import.meta.url));

/** Node runs the sources: the generated code of Flyte's messages has enums. */
const flags = [
  "--conditions=@flyte-ts/source",
  "--experimental-transform-types",
  "--disable-warning=ExperimentalWarning",
];

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

/** The entrypoint as a process, from the sources, in the folder of the fixtures. */
function start(args: readonly string[], env: Record<string, string> = {}, program = source): ChildProcess {
  return spawn(process.execPath, [...flags, program, ...args], {
    cwd: fixtures,
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function end(child: ChildProcess): Promise<Ended> {
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stderr };
}

const asleep = async (child: ChildProcess): Promise<void> => {
  for await (const chunk of child.stdout ?? []) if (String(chunk).includes("asleep")) return;
};

test("the process runs a task, by flytekit's name when it is started by that", async () => {
  using folder = new ContainerFolder();
  mkdirSync(folder.at("bin"));
  symlinkSync(source, folder.at("bin/pyflyte-execute"));
  const args = folder.inputs({ x: integer(21n) }).moduleArgs("double");
  expect(await end(start(args, {}, folder.at("bin/pyflyte-execute")))).toEqual({ code: 0, stderr: "" });
  expect(folder.outputs.literals.o0).toEqual(integer(42n));
});

test("a wrong command line says so in one line, without a trace, and fails", async () => {
  const { code, stderr } = await end(start(["--inptus", "x"]));
  expect(code).toBe(1);
  expect(stderr).toBe("flyte-ts-execute: there is no flag --inptus; did you mean --inputs?\n");
});

test("a result that cannot be written fails the process", async () => {
  using folder = new ContainerFolder();
  folder.inputs({}).write("0", "in the way");
  const { code, stderr } = await end(start(folder.moduleArgs("nothing")));
  expect(code).not.toBe(0);
  expect(stderr).toContain(folder.at("0"));
});

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s lets the task keep its checkpoint, writes nothing, and ends with 143",
  async (signal) => {
    using folder = new ContainerFolder();
    const args = folder.inputs({ how: text("") }).moduleArgs("asleep", ["--checkpoint-path", folder.at("cp")]);
    const child = start(args);
    const ended = end(child);
    await asleep(child);
    child.kill(signal);
    expect((await ended).code).toBe(143);
    expect(folder.results).toEqual([]);
    expect(readFileSync(folder.at("cp/_dst_cp"), "utf8")).toBe("kept at the end");
  },
);

test("a task that does not stop is left behind when the grace is over", async () => {
  using folder = new ContainerFolder();
  const child = start(folder.inputs({ how: text("deaf") }).moduleArgs("asleep"), { FLYTE_TS_GRACE_SECONDS: "0.05" });
  const ended = end(child);
  await asleep(child);
  child.kill("SIGTERM");
  expect((await ended).code).toBe(143);
  expect(folder.results).toEqual([]);
});

test("a second signal ends the process at once", async () => {
  using folder = new ContainerFolder();
  const child = start(folder.inputs({ how: text("deaf") }).moduleArgs("asleep"), { FLYTE_TS_GRACE_SECONDS: "600" });
  const ended = end(child);
  await asleep(child);
  child.kill("SIGTERM");
  child.kill("SIGINT");
  expect((await ended).code).toBe(143);
});

test.each([
  ["timer", "RangeError: from a timer"],
  ["rejection", "RangeError: nobody awaits this"],
  ["stall", "waits for something that can no longer happen"],
])("what fails outside of the task's promise (%s) is the task's failure", async (how, message) => {
  using folder = new ContainerFolder();
  expect((await end(start(folder.inputs({ how: text(how) }).moduleArgs("escapes")))).code).toBe(0);
  expect(folder.error).toMatchObject({ code: "USER:RuntimeError", origin: "USER", kind: "NON_RECOVERABLE" });
  expect(folder.error.message).toContain(message);
});

test("a signal goes on to a command that is started, and its exit code comes back", async () => {
  using folder = new ContainerFolder();
  const script = folder.write(
    "inner.mjs",
    'process.on("SIGTERM", () => process.exit(9)); setInterval(() => {}, 60_000); process.stdout.write("asleep\\n");',
  );
  const child = start(["pyflyte-fast-execute", "--", process.execPath, script]);
  const ended = end(child);
  await asleep(child);
  child.kill("SIGTERM");
  expect((await ended).code).toBe(9);
});
