import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";
import { expect, test } from "vitest";
import { unpack } from "../src/distribution/unpack.ts";
import { ContainerFolder, fixtures, integer } from "./container.ts";

type Entry = Partial<Header> & { readonly name: string; readonly content?: string };

async function tar(...entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of entries) archive.entry(header, content ?? "");
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const flow = (): string => readFileSync(join(fixtures, "flow.ts"), "utf8").replace("x * 2", "x * 3");

const fetching = (folder: ContainerFolder, archive: string, destination = folder.at("code")): readonly string[] => [
  "--additional-distribution",
  archive,
  "--dest-dir",
  destination,
];

test.each([
  ["gzipped", gzipSync],
  ["plain, as flytectl uploads it", (bytes: Buffer) => bytes],
])("a task runs from an archive that is %s, with the packages of the working folder", async (_how, compress) => {
  using folder = new ContainerFolder();
  mkdirSync(folder.at("code"));
  const archive = folder.write(
    "fast.tar.gz",
    compress(await tar({ name: "./", type: "directory" }, { name: "./src/flow.ts", content: flow() })),
  );
  const args = [
    ...fetching(folder, archive),
    ...folder.inputs({ x: integer(7n) }).filesArgs(),
    ..."--resolver flyte-ts.module -- module src/flow.ts entity double".split(" "),
  ];
  expect(await folder.run(args)).toBe(0);
  expect(folder.outputs.literals.o0).toEqual(integer(21n));
  expect(readdirSync(folder.at("code")).sort()).toEqual(["node_modules", "src"]);
});

test("flytekit's nested command runs in this process when it is one of ours", async () => {
  using folder = new ContainerFolder();
  mkdirSync(folder.at("code"));
  const archive = folder.write("fast.tar.gz", await tar({ name: "flow.ts", content: flow() }));
  const inner = ["/usr/local/bin/pyflyte-execute", ...folder.inputs({ x: integer(7n) }).moduleArgs("double")];
  expect(await folder.run([...fetching(folder, archive), "--", ...inner], {}, { name: "pyflyte-fast-execute" })).toBe(
    0,
  );
  expect(folder.outputs.literals.o0).toEqual(integer(21n));
  expect(
    await folder.run([...fetching(folder, archive), "--", "flyte-ts-execute", ...folder.moduleArgs("nothing")]),
  ).toBe(0);
});

test("another command is started, told where the code is, and its exit code is passed on", async () => {
  using folder = new ContainerFolder();
  const archive = folder.write("fast.tar.gz", await tar({ name: "inner.mjs", content: "" }));
  mkdirSync(folder.at("code"));
  const script = folder.write(
    "inner.mjs",
    `import { writeFileSync } from "node:fs";
     writeFileSync(${JSON.stringify(folder.at("seen.json"))}, JSON.stringify([process.argv.slice(2), process.env.PYTHONPATH]));
     process.exit(7);`,
  );
  const command = [process.execPath, script, "--inputs", "x", "--resolver", "r", "--", "a"];
  const args = ["pyflyte-fast-execute", ...fetching(folder, archive), "--", ...command];
  expect(await folder.run(args, { PYTHONPATH: "/elsewhere" })).toBe(7);
  const dynamic = ["--dynamic-addl-distro", archive, "--dynamic-dest-dir", folder.at("code")];
  expect(JSON.parse(readFileSync(folder.at("seen.json"), "utf8"))).toEqual([
    ["--inputs", "x", ...dynamic, "--resolver", "r", "--", "a"],
    `/elsewhere:${folder.at("code")}`,
  ]);
  await expect(folder.run(["pyflyte-fast-execute", "--", "no-such-program"])).rejects.toThrow(
    '"no-such-program" cannot be started',
  );
});

const failing = async (folder: ContainerFolder, archive: string, destination?: string) => {
  const args = [...fetching(folder, archive, destination), ...folder.inputs({}).moduleArgs("nothing")];
  expect(await folder.run(args)).toBe(0);
  return folder.error;
};

test("an archive or folder that is not there is named", async () => {
  using folder = new ContainerFolder();
  mkdirSync(folder.at("code"));
  const absent = await failing(folder, folder.at("none.tar.gz"));
  expect(absent).toMatchObject({
    origin: "USER",
    kind: "NON_RECOVERABLE",
    message: expect.stringContaining("task execution code was not found"),
  });
  const file = folder.write("file", "x");
  expect((await failing(folder, file, file)).message).toContain("which is a file; it must be a folder");
  expect((await failing(folder, file, folder.at("nowhere"))).message).toContain("which does not exist");
  expect((await failing(folder, file)).message).toContain("neither a gzipped nor a plain tar (it begins with 78)");
  expect((await failing(folder, folder.write("empty", ""))).message).toContain("it is empty");
  expect((await failing(folder, "s3://b/code.pkl.gz")).message).toContain("a pickled task of Python's");
});

test("a cut archive leaves nothing behind", async () => {
  using folder = new ContainerFolder();
  mkdirSync(folder.at("code"));
  const whole = gzipSync(await tar({ name: "a.ts", content: "a" }, { name: "b.ts", content: "b".repeat(50_000) }));
  expect((await failing(folder, folder.write("cut.tar.gz", whole.subarray(0, whole.length - 30)))).message).toContain(
    "the archive cannot be read",
  );
  const plain = await tar({ name: "a.ts", content: "a" }, { name: "b.ts", content: "b".repeat(50_000) });
  expect((await failing(folder, folder.write("cut.tar", plain.subarray(0, 20_000)))).message).toContain(
    "the archive cannot be read",
  );
  expect(readdirSync(folder.at("code"))).toEqual([]);
});

test.each<[string, readonly Entry[], string]>([
  ["a path upwards", [{ name: "../evil", content: "x" }], '"../evil" would leave the target folder'],
  ["a path that goes down and up", [{ name: "a/../../evil", content: "x" }], "would leave the target folder"],
  ["an absolute path", [{ name: "/etc/evil", content: "x" }], '"/etc/evil" would leave the target folder'],
  ["a link upwards", [{ name: "l", type: "symlink", linkname: "../.." }], '"l" would leave the target folder'],
  ["an absolute link", [{ name: "l", type: "symlink", linkname: "/etc" }], '"l" would leave the target folder'],
  ["a hard link out", [{ name: "l", type: "link", linkname: "../../passwd" }], '"l" would leave the target folder'],
  [
    "an absolute hard link",
    [{ name: "l", type: "link", linkname: "/etc/passwd" }],
    '"l" would leave the target folder',
  ],
  [
    "a file by way of links that each stay inside",
    [
      { name: "p/q/r/up", type: "symlink", linkname: "../../.." },
      { name: "out", type: "symlink", linkname: "p/q/r/up/.." },
      { name: "out/evil", content: "x" },
    ],
    "would leave the target folder",
  ],
  [
    "a link by way of another",
    [
      { name: "p/q/r/up", type: "symlink", linkname: "../../.." },
      { name: "out", type: "symlink", linkname: "p/q/r/up/.." },
    ],
    "would leave the target folder (by way of a link)",
  ],
  ["a device", [{ name: "null", type: "character-device", devmajor: 1, devminor: 3 }], '"null" is a character-device'],
  ["a fifo", [{ name: "pipe", type: "fifo" }], '"pipe" is a fifo'],
])("%s does not leave the folder", async (_what, entries, message) => {
  using folder = new ContainerFolder();
  mkdirSync(folder.at("code"));
  const archive = folder.write("fast.tar.gz", gzipSync(await tar({ name: "first.ts", content: "x" }, ...entries)));
  expect((await failing(folder, archive)).message).toContain(message);
  expect(readdirSync(folder.at("code"))).toEqual([]);
  expect(existsSync(folder.at("evil"))).toBe(false);
});

test("a folder that is a link out of the destination is not written through", async () => {
  using folder = new ContainerFolder();
  mkdirSync(folder.at("code"));
  mkdirSync(folder.at("outside"));
  symlinkSync(folder.at("outside"), folder.at("code/lib"));
  const archive = folder.write("fast.tar", await tar({ name: "lib/x.ts", content: "x" }));
  expect((await failing(folder, archive)).message).toMatch(/"lib" would leave .*is a link to/);
  expect(readdirSync(folder.at("outside"))).toEqual([]);
});

test("what is in the archive replaces what was there; links inside and modes stay", async () => {
  using folder = new ContainerFolder();
  folder.write("code/lib/old.ts", "stays");
  folder.write("code/lib/a.ts", "before");
  const archive = folder.write(
    "fast.tar",
    await tar(
      { name: "lib", type: "directory" },
      { name: "lib/a.ts", content: "after", mode: 0o4755 },
      { name: "lib/b.ts", type: "symlink", linkname: "a.ts" },
      { name: "lib/c.ts", type: "link", linkname: "lib/a.ts" },
    ),
  );
  await failing(folder, archive);
  const read = (name: string): string => readFileSync(folder.at("code/lib", name), "utf8");
  expect([read("old.ts"), read("a.ts"), read("b.ts"), read("c.ts")]).toEqual(["stays", "after", "after", "after"]);
  expect(readlinkSync(folder.at("code/lib/b.ts"))).toBe("a.ts");
  expect(lstatSync(folder.at("code/lib/a.ts")).mode & 0o7777).toBe(0o755);
});

test("an archive that claims too much is refused before it is on the disk", async () => {
  using folder = new ContainerFolder();
  const bomb = gzipSync(await tar({ name: "zeros", content: "0".repeat(5_000_000) }));
  const one = (async function* () {
    yield bomb;
  })();
  await expect(unpack(one, folder.path, { limits: { bytes: 1e6, entries: 10 } })).rejects.toMatchObject({
    code: "TooLarge",
  });
  expect(readdirSync(folder.path)).toEqual([]);
});
