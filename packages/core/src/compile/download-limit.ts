import type { SerializationSettings } from "../wire/serialization-settings.ts";

const mebibyte = 2 ** 20;

/** What a stock Flyte reads of one object, in MiB (`storage.limits.maxDownloadMBs`). */
const stockDownload = 2;

/** Why a cluster cannot read an object of so many bytes, in words; undefined where it can. */
export function tooLarge(
  bytes: number,
  { maxDownloadMBs = stockDownload }: Pick<SerializationSettings, "maxDownloadMBs">,
): string | undefined {
  if (bytes <= maxDownloadMBs * mebibyte) return undefined;
  return `has ${(bytes / mebibyte).toFixed(1)} MiB, and the cluster reads no object above ${maxDownloadMBs} (storage.limits.maxDownloadMBs)`;
}
