import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Dataset, FlyteError } from "@flyte-ts/core";
import fc from "fast-check";
import { parquetMetadata } from "hyparquet";
import { expect, test } from "vitest";
import { type Place, place } from "./place.ts";

const fixtures = ["every-type", "codec-snappy", "delta", "no-dictionary", "nested", "duckdb"];

const load = (name: string): Promise<Buffer> => readFile(join(import.meta.dirname, "fixtures", `${name}.parquet`));

/** Reads bytes as a dataset; whatever is wrong with them must be a `FlyteError` that is the user's. */
async function attempt(here: Place, bytes: Uint8Array): Promise<string> {
  const uri = join(here.folder, "x");
  await writeFile(uri, bytes);
  try {
    await Dataset.open(uri, {}, here).toArray();
    return "read";
  } catch (error) {
    if (!FlyteError.is(error) || error.kind !== "user") throw error;
    return error.message;
  }
}

test("a file that is cut off anywhere is an error", async () => {
  await using here = await place();
  for (const name of fixtures) {
    const bytes = await load(name);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => {
        expect(await attempt(here, bytes.subarray(0, length))).toMatch(/is no Parquet file/);
      }),
      { numRuns: 40 },
    );
  }
});

test("flipped bits give an error or other values, never anything worse", async () => {
  await using here = await place();
  for (const name of fixtures) {
    const bytes = await load(name);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        async (changes) => {
          const damaged = Buffer.from(bytes);
          for (const [at, value] of changes) damaged[at] = value;
          await attempt(here, damaged);
        },
      ),
      { numRuns: 150 },
    );
  }
});

test("a length in a Snappy page that would lead backwards, and so round and round, is an error", async () => {
  await using here = await place();
  const damaged = await load("no-dictionary");
  damaged[3429] = 0xfc;
  expect(await attempt(here, damaged)).toContain("a Snappy block that is");
});

test("our own pages carry checksums: a flipped bit in the values is always noticed", async () => {
  await using here = await place();
  const rows = Array.from({ length: 1000 }, (_, i) => ({ i, s: `${i * 7919}` }));
  await Dataset.from(rows).store(here, join(here.folder, "d"));
  const bytes = await readFile(join(here.folder, "d", "00000"));
  // The first column's page: a checksum is of the values alone, and the next page begins with its header.
  const [, second] = parquetMetadata(Uint8Array.from(bytes).buffer).row_groups[0]?.columns ?? [];
  const end = Number(second?.meta_data?.data_page_offset) - 1;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 60, max: end }), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ change;
      expect(await attempt(here, damaged)).toMatch(/damaged/);
    }),
    { numRuns: 100 },
  );
});
