import { spawnSync } from "node:child_process";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { extract } from "tar-stream";
import { expect, test } from "vitest";
import { tar } from "../src/packaging/tar.ts";

/** What an archive has, read by another program's code. */
async function unpacked(archive: Uint8Array): Promise<{ readonly name: string; readonly content: string }[]> {
  const reading = Readable.from([archive]).pipe(extract());
  const found: { readonly name: string; readonly content: string }[] = [];
  for await (const entry of reading) found.push({ name: entry.header.name, content: await text(entry) });
  return found;
}

const name = fc.oneof(
  fc.string({ unit: fc.constantFrom(..."abc-._/0"), minLength: 1, maxLength: 300 }),
  fc.string({ unit: "grapheme", minLength: 1 }),
);

test("files come out of an archive as they went in, whatever their names", async () => {
  const files = fc.array(fc.record({ name: name.filter((text) => !/[\0\n]|\/$/.test(text)), content: fc.string() }));
  await fc.assert(
    fc.asyncProperty(files, async (given) => {
      const archive = tar(given.map(({ name, content }) => ({ name, bytes: Buffer.from(content) })));
      expect(archive.length % 512).toBe(0);
      expect(await unpacked(archive)).toEqual(given.map((file) => ({ ...file, content: file.content.toWellFormed() })));
    }),
  );
});

test("tar itself reads the archive", () => {
  const long = `${"folder/".repeat(30)}läng.txt`;
  const archive = tar([
    { name: "short.txt", bytes: Buffer.from("a") },
    { name: long, bytes: Buffer.alloc(513, "b") },
  ]);
  const listed = spawnSync("tar", ["-tf", "-"], {
    input: archive,
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C.UTF-8" },
  });
  expect(listed.stdout.split("\n").slice(0, 2)).toEqual(["short.txt", expect.stringContaining("folder/folder/")]);
  const read = spawnSync("tar", ["-xOf", "-", long], { input: archive, encoding: "utf8" });
  expect(read.stdout).toBe("b".repeat(513));
});
