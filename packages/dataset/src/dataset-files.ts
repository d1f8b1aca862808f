import { type DatasetFormatContext, FlyteError, joinUri } from "@flyte-ts/core/plugin";

/** Where a dataset's file is, and how large if that is known. */
export interface DatasetFile {
  readonly uri: string;
  readonly size: number | undefined;
}

/**
 * The files of the dataset at `uri`: the file itself, or those in the folder, in the order of their names. Names that
 * begin with `.` or `_` are left out, as every reader of such folders does.
 * @param also names that count all the same.
 * @throws FlyteError `NotFound` where there is none, `Unsupported` for a folder with folders in it.
 */
export async function datasetFiles(
  uri: string,
  context: DatasetFormatContext,
  also: readonly string[] = [],
): Promise<readonly DatasetFile[]> {
  const { storage, signal } = context;
  const folder = joinUri(uri, "");
  if (uri !== folder) {
    const single = await storage.stat(uri, { signal });
    if (single !== undefined) return [{ uri, size: single.size }];
  }
  const files: DatasetFile[] = [];
  for await (const found of storage.list(folder, { signal })) {
    const name = found.uri.slice(found.uri.lastIndexOf("/") + 1);
    if (/^([._]|$)/.test(name) && !also.includes(name)) continue;
    const inner = found.uri.slice(0, -name.length - 1);
    if (inner.length > folder.length && inner.startsWith(folder)) {
      throw new FlyteError(
        "Unsupported",
        `${uri} has files in folders below it (${found.uri}); a partitioned dataset must be opened folder by folder`,
      );
    }
    files.push({ uri: found.uri, size: found.size });
  }
  if (files.length > 0) return files;
  throw new FlyteError("NotFound", `there is no dataset at ${uri}: neither a file nor a folder with files in it`);
}
