import type { Hash } from "node:crypto";
import { createHash } from "../storage/create-hash.ts";
import type { Dataset } from "./dataset.ts";
import type { Vector } from "./record-batch.ts";

/**
 * A text for the content of a dataset: equal columns and rows, in this order, give the same one, in whichever format and
 * batches they are stored. Reads the dataset once, column by column in memory of one batch: SHA-256, in hexadecimal.
 */
export async function datasetHash(dataset: Dataset): Promise<string> {
  const schema = await dataset.schema;
  const hashes = schema.map(() => ({ values: createHash("sha256"), nulls: createHash("sha256") }));
  for await (const { length, columns } of dataset.batches()) {
    columns.forEach((vector, at) => {
      const hash = hashes[at];
      if (hash === undefined) return;
      const nulls = vector.nulls?.subarray(0, length) ?? new Uint8Array(length);
      hash.nulls.update(nulls);
      addValues(hash.values, vector, length);
    });
  }
  const whole = createHash("sha256");
  whole.update(JSON.stringify(schema.map(({ name, type }) => [name, type])));
  for (const { values, nulls } of hashes) whole.update(values.digest()).update(nulls.digest());
  return whole.digest("hex");
}

/** Adds the values of a batch; whatever stands where there is no value counts as zero. */
function addValues(hash: Hash, vector: Vector, length: number): void {
  const { nulls } = vector;
  if (vector.type === "string" || vector.type === "binary") {
    const size = Buffer.alloc(8);
    for (let row = 0; row < length; row++) {
      const value = nulls?.[row] === 1 ? "" : (vector.values[row] as string | Uint8Array);
      size.writeBigUInt64LE(BigInt(typeof value === "string" ? Buffer.byteLength(value) : value.byteLength));
      hash.update(size).update(value);
    }
    return;
  }
  const values = nulls === undefined ? vector.values.subarray(0, length) : vector.values.slice(0, length);
  if (nulls !== undefined) {
    for (let row = 0; row < length; row++) {
      if (nulls[row] === 1) values[row] = values instanceof BigInt64Array ? 0n : 0;
    }
  }
  hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}
