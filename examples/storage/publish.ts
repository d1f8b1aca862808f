import { FlyteError, t, task } from "@flyte-ts/core";
import { glob, joinUri } from "@flyte-ts/core/plugin";

/**
 * Copies all files that match a pattern into a folder, from and to any store: `s3://raw/2024-*.csv` to `gs://tables/2024`.
 * The mark at the end is written once, whoever comes first: a run that was repeated publishes nothing twice.
 */
export const publish = task({
  name: "publish",
  inputs: { pattern: t.string, folder: t.string },
  outputs: { files: t.int, published: t.boolean },
  run: async ({ pattern, folder }, { storage, signal }) => {
    let files = 0;
    for await (const { uri } of glob(storage, pattern, { signal })) {
      await storage.copy(uri, joinUri(folder, uri.slice(uri.lastIndexOf("/") + 1)), { signal });
      files++;
    }
    try {
      await storage.write(joinUri(folder, "_SUCCESS"), new Uint8Array(), { ifAbsent: true, signal });
      return { files, published: true };
    } catch (error) {
      if (FlyteError.is(error) && error.code === "AlreadyExists") return { files, published: false };
      throw error;
    }
  },
});
