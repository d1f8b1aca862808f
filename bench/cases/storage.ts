import { randomBytes } from "node:crypto";
import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { uploadFile, uploadFolder } from "@flyte-ts/core/plugin";
import { startEmulator } from "@flyte-ts/interop/emulator";
import { python } from "@flyte-ts/interop/python";
import { makeBucket, s3Keys } from "@flyte-ts/interop/s3-bucket";
import { createS3Storage } from "@flyte-ts/storage";
import { type BenchCase, cpu, type Figure, peak, type Turn, wall } from "../src/bench-case.ts";
import { benchFile, installed } from "../src/paths.ts";

/** The transfer alone, without the program's start. */
const transfer = (aim: string): Figure => ({ name: "transfer", of: ({ said }) => said, unit: "s", aim });

const keys = {
  FLYTE_AWS_ACCESS_KEY_ID: s3Keys.accessKeyId,
  FLYTE_AWS_SECRET_ACCESS_KEY: s3Keys.secretAccessKey,
  AWS_REGION: "us-east-1",
};
const megabyte = 1_000_000;

/** A file of a gigabyte, or a folder of 10,000 files of ten kilobytes. */
async function make(what: "one" | "many", path: string): Promise<void> {
  const bytes = randomBytes(megabyte);
  if (what === "one") {
    const file = await open(path, "w");
    for (let written = 0; written < 1000; written++) await file.write(bytes);
    await file.close();
    return;
  }
  for (let number = 0; number < 10_000; number++) {
    const folder = join(path, String(number % 10));
    if (number < 10) await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${number}.bin`), bytes.subarray(number * 90, number * 90 + 10_000));
  }
}

function transferCase(name: string, direction: "up" | "down", what: "one" | "many", aim: string): BenchCase {
  return {
    name,
    figures: [transfer(aim), wall, cpu, peak],
    async prepare(folder) {
      const { direct } = await startEmulator("versitygw");
      const s3 = await createS3Storage({ endpoint: direct, region: keys.AWS_REGION, credentials: s3Keys });
      await makeBucket(direct, "bench");
      const source = join(folder, "source");
      await make(what, source);
      if (direction === "down") {
        if (what === "one") await uploadFile(s3, source, "s3://bench/source");
        else await uploadFolder(s3, source, "s3://bench/source");
      }
      const turn =
        (program: () => string, file: string, who: string): Turn =>
        (place) => {
          const [from, to] =
            direction === "up" ? [source, `s3://bench/${who}`] : ["s3://bench/source", join(place, "target")];
          return {
            argv: [program(), benchFile("cases", file), direction, what, from, to],
            env: { ...keys, FLYTE_AWS_ENDPOINT: direct },
            cwd: benchFile(),
            says: true,
          };
        };
      return {
        ours: turn(() => installed("node"), "storage-transfer.ts", "ours"),
        peer: turn(python, "storage_transfer.py", "peer"),
      };
    },
  };
}

/** Files to and from S3, beside flytekit's file access (fsspec), on one server (versitygw). */
export const storageCases: readonly BenchCase[] = [
  transferCase("upload-one", "up", "one", "1"),
  transferCase("download-one", "down", "one", "1"),
  transferCase("upload-many", "up", "many", "3"),
  transferCase("download-many", "down", "many", "3"),
];
