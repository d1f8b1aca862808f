import {
  ErrorDocument,
  FlyteError,
  fromErrorDocument,
  joinUri,
  LiteralMap,
  type StorageRegistry,
} from "@flyte-ts/core/plugin";
import { fileNames } from "../container/result-files.ts";

/** Where a result is, and what it should be. */
export interface ReadResultOptions {
  readonly storage: StorageRegistry;
  readonly outputPrefix: string;
  /** False when the task declares no outputs: `outputs.pb` need not be there then. */
  readonly hasOutputs: boolean;
}

/**
 * What a task that ended with exit code 0 left, read as propeller reads it (flytepropeller's task handler): an error wins
 * over outputs.
 * @throws FlyteError the one that `error.pb` tells of; `Unsupported` for `futures.pb`; one with the wire code
 * `OutputsNotFound` when there is nothing.
 */
export async function readResult({ storage, outputPrefix, hasOutputs }: ReadResultOptions): Promise<LiteralMap> {
  const { futures, error, outputs } = fileNames;
  if ((await storage.stat(joinUri(outputPrefix, futures))) !== undefined) {
    throw new FlyteError("Unsupported", `the task made tasks (${futures}), which cannot be run here`);
  }
  const failures = await errors(storage, outputPrefix, error);
  const [first] = failures;
  if (first !== undefined) throw fromErrorDocument(first);
  if (!hasOutputs) return LiteralMap.create();
  const uri = joinUri(outputPrefix, outputs);
  if ((await storage.stat(uri)) === undefined) {
    throw new FlyteError("UnknownOutput", `the task ended well and wrote no outputs: there is no ${uri}`, {
      kind: "user",
      recoverable: true,
      wireCode: "OutputsNotFound",
    });
  }
  return LiteralMap.decode(await storage.readBytes(uri));
}

/** `error.pb`, or those of the workers of a distributed task, the earliest first. */
async function errors(
  storage: StorageRegistry,
  outputPrefix: string,
  plain: string,
): Promise<readonly ErrorDocument[]> {
  const uris: string[] = [];
  for await (const { uri } of storage.list(`${outputPrefix.replace(/\/+$/, "")}/`)) {
    const name = uri.slice(uri.lastIndexOf("/") + 1);
    if (name === plain || /^error.*\.pb$/.test(name)) uris.push(uri);
  }
  const documents = await Promise.all(uris.map(async (uri) => ErrorDocument.decode(await storage.readBytes(uri))));
  const time = ({ error }: ErrorDocument): number =>
    Number(error?.timestamp?.seconds ?? 0n) * 1e3 + (error?.timestamp?.nanos ?? 0) / 1e6;
  return documents.sort((a, b) => time(a) - time(b));
}
