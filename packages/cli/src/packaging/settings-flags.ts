import { FlyteError, type SerializationSettings } from "@flyte-ts/core";
import { type Flag, type ParsedFlags, text } from "../arguments/flags.ts";

/** The flags that say what entities are turned into messages with. */
export const settingsFlags: readonly Flag[] = [
  { name: "image", value: "IMAGE", purpose: "the image of your own tasks  [default: $FLYTE_INTERNAL_IMAGE]" },
  { name: "image-registry", value: "REGISTRY", purpose: "the registry of the plugins' images" },
  { name: "project", value: "NAME", purpose: "left empty, whoever registers fills it in" },
  { name: "domain", value: "NAME", purpose: "left empty, whoever registers fills it in" },
  { name: "version", value: "TEXT", purpose: "left empty, whoever registers fills it in" },
  {
    name: "max-download-mbs",
    value: "N",
    purpose: "the largest object that the cluster reads, storage.limits.maxDownloadMBs there  [default: 2]",
  },
];

/**
 * What those flags say.
 * @throws FlyteError `InvalidInput` for a value that no cluster takes.
 */
export function settingsOf(parsed: ParsedFlags): Omit<SerializationSettings, "module"> {
  const image = text(parsed, "image") ?? process.env.FLYTE_INTERNAL_IMAGE;
  const imageRegistry = text(parsed, "image-registry");
  const most = text(parsed, "max-download-mbs");
  for (const name of ["image", "image-registry", "project", "domain", "version"]) {
    const given = text(parsed, name) ?? "";
    if (/\s/.test(given)) throw new FlyteError("InvalidInput", `--${name} is "${given}"; it must have no spaces`);
  }
  if (most !== undefined && !(Number(most) > 0)) {
    throw new FlyteError("InvalidInput", `--max-download-mbs is "${most}"; it must be a number of MiB above 0`);
  }
  return {
    project: text(parsed, "project") ?? "",
    domain: text(parsed, "domain") ?? "",
    version: text(parsed, "version") ?? "",
    ...(image === undefined || image === "" ? {} : { image }),
    ...(imageRegistry === undefined ? {} : { imageRegistry }),
    ...(most === undefined ? {} : { maxDownloadMBs: Number(most) }),
  };
}
