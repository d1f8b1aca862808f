import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { Literal, LiteralMap, StorageRegistry } from "@flyte-ts/core/plugin";
import fc from "fast-check";
import { expect, test } from "vitest";
import { dereferenced, offloaded } from "../src/container/offloading.ts";
import { ContainerFolder, integer, text } from "./container.ts";

const list = (...literals: readonly Literal[]): Literal =>
  Literal.create({ value: { case: "collection", value: { literals: [...literals] } } });

const map = (literals: Readonly<Record<string, Literal>>): Literal =>
  Literal.create({ value: { case: "map", value: { literals } } });

const elsewhere = (uri: string): Literal =>
  Literal.create({ value: { case: "offloadedMetadata", value: { uri, sizeBytes: 1n } } });

test("an offloaded input is read before the task sees it, wherever it stands", async () => {
  using folder = new ContainerFolder();
  folder.write("one.pb", Literal.encode(text("abc")));
  folder.write("two.pb", Literal.encode(list(elsewhere(folder.at("one.pb")), text("de"))));
  folder.inputs({ texts: elsewhere(folder.at("two.pb")) });
  expect(await folder.run(folder.moduleArgs("length"))).toBe(0);
  expect(folder.outputs.literals.o0).toEqual(integer(5n));
});

test("an offloaded literal that is missing is worth another attempt, a broken or endless one is not", async () => {
  using folder = new ContainerFolder();
  const fails = async (): Promise<unknown> => {
    expect(await folder.inputs({ texts: elsewhere(folder.at("x.pb")) }).run(folder.moduleArgs("length"))).toBe(0);
    return folder.error;
  };
  expect(await fails()).toMatchObject({ origin: "SYSTEM", kind: "RECOVERABLE" });
  folder.write("x.pb", "no literal");
  expect(await fails()).toMatchObject({ origin: "SYSTEM", kind: "NON_RECOVERABLE" });
  folder.write("x.pb", Literal.encode(elsewhere(folder.at("x.pb"))));
  expect(await fails()).toMatchObject({
    kind: "NON_RECOVERABLE",
    message: expect.stringContaining("ever more of them"),
  });
});

test("a large output is written apart, with its size, type and hash", async () => {
  using folder = new ContainerFolder();
  folder.inputs({ size: integer(1_100_000n) });
  expect(await folder.run(folder.moduleArgs("text"), { _F_L_MIN_SIZE_MB: "1" })).toBe(0);
  expect(folder.results).toEqual(["o0_offloaded_metadata.pb", "outputs.pb"]);
  const bytes = readFileSync(folder.at("0/o0_offloaded_metadata.pb"));
  const json = JSON.stringify({ scalar: { primitive: { stringValue: "a".repeat(1_100_000) } } });
  expect(LiteralMap.toJson(folder.outputs)).toEqual({
    literals: {
      o0: {
        offloadedMetadata: {
          uri: folder.at("0/o0_offloaded_metadata.pb"),
          sizeBytes: String(bytes.length),
          inferredType: { simple: "STRING" },
        },
        hash: createHash("sha256").update(json).digest("base64"),
      },
    },
  });
});

test("small outputs stay, and without the variable large ones do too, with a warning", async () => {
  using folder = new ContainerFolder();
  expect(await folder.inputs({ size: integer(10n) }).run(folder.moduleArgs("text"), { _F_L_MIN_SIZE_MB: "1" })).toBe(0);
  expect(await folder.inputs({ size: integer(2_200_000n) }).run(folder.moduleArgs("text"))).toBe(0);
  expect(folder.results).toEqual(["outputs.pb"]);
  expect(folder.lines.join("")).toContain("reads no more than 2097152");
});

test("an output above the upper limit is an error that names it, and a limit that is no number another", async () => {
  using folder = new ContainerFolder();
  folder.inputs({ size: integer(2_200_000n) });
  expect(await folder.run(folder.moduleArgs("text"), { _F_L_MIN_SIZE_MB: "1", _F_L_MAX_SIZE_MB: "2" })).toBe(0);
  expect(folder.error).toMatchObject({ code: "SYSTEM", origin: "SYSTEM", kind: "RECOVERABLE" });
  expect(folder.error.message).toMatch(/the output "o0" has \d+ bytes as a literal/);
  expect(existsSync(folder.at("0/outputs.pb"))).toBe(false);
  expect(await folder.run(folder.moduleArgs("text"), { _F_L_MIN_SIZE_MB: "ten" })).toBe(0);
  expect(folder.error.message).toContain('_F_L_MIN_SIZE_MB is "ten"; it must be a whole number of MB');
});

const literals: fc.Arbitrary<Literal> = fc.letrec<{ literal: Literal }>((tie) => ({
  literal: fc.oneof(
    { depthSize: "small" },
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(integer),
    fc.string({ unit: "grapheme" }).map(text),
    fc.array(tie("literal"), { maxLength: 4 }).map((some) => list(...some)),
    fc.dictionary(fc.string(), tie("literal"), { maxKeys: 4 }).map(map),
  ),
})).literal;

test("what is offloaded comes back as it was", async () => {
  const storage = new StorageRegistry();
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.stringMatching(/^[a-z]\w{0,8}$/), literals, { maxKeys: 3 }), async (values) => {
      using folder = new ContainerFolder();
      const outputs = LiteralMap.create({ literals: values });
      const apart = await offloaded(outputs, {
        limits: { min: 0, max: 1e9 },
        storage,
        outputPrefix: folder.path,
        types: {},
      });
      expect(Object.values(apart.literals).every(({ value }) => value.case === "offloadedMetadata")).toBe(true);
      const read = await dereferenced(apart, storage, new AbortController().signal);
      for (const literal of Object.values(read.literals)) literal.hash = "";
      expect(LiteralMap.toJson(read)).toEqual(LiteralMap.toJson(outputs));
    }),
    { numRuns: 50 },
  );
});
