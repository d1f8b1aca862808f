import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { FlyteError } from "@flyte-ts/core/plugin";

/** The coding of an answer's body, in lower case; undefined for a plain one. */
export function contentCoding(header: string | undefined): string | undefined {
  const coding = header?.trim().toLowerCase();
  return coding === undefined || coding === "" || coding === "identity" ? undefined : coding;
}

/**
 * The bytes behind a content coding. We ask for none, but some servers keep their files compressed and send them so.
 * @throws FlyteError `Unsupported` for an unknown coding, `InvalidInput` for bytes that are not in it.
 */
export async function* decoded(
  chunks: AsyncIterable<Uint8Array>,
  coding: string,
  name: string,
): AsyncIterable<Uint8Array> {
  const decoder = await decoderFor(coding, name);
  let failed: unknown;
  const fed = pipeline(Readable.from(chunks), decoder).catch((error: unknown) => {
    failed = error;
  });
  try {
    yield* decoder as AsyncIterable<Uint8Array>;
  } catch (error) {
    await fed;
    const cause = failed ?? error;
    if (FlyteError.is(cause) || !/^(Z_|ERR_|ZSTD_|ERR__)/.test((cause as { code?: string }).code ?? "")) throw cause;
    const said = (cause as Error).message;
    throw new FlyteError("InvalidInput", `${name} is sent as ${coding}, which its bytes are not: ${said}`, { cause });
  } finally {
    decoder.destroy();
  }
}

async function decoderFor(coding: string, name: string): Promise<Transform> {
  const zlib = await import("node:zlib");
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return zlib.createGunzip();
    case "deflate":
      return zlib.createInflate();
    case "br":
      return zlib.createBrotliDecompress();
    case "zstd":
      return zlib.createZstdDecompress();
    default:
      throw new FlyteError(
        "Unsupported",
        `${name} is sent with the content coding "${coding}", which is not read here`,
      );
  }
}
