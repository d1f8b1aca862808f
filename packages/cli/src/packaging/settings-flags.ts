import type { SerializationSettings } from "@flyte-ts/core";
import { type Flag, type ParsedFlags, text } from "../arguments/flags.ts";

/** The flags that say what entities are turned into messages with. */
export const settingsFlags: readonly Flag[] = [
  { name: "image", value: "IMAGE", purpose: "the image of your own tasks  [default: $FLYTE_INTERNAL_IMAGE]" },
  { name: "image-registry", value: "REGISTRY", purpose: "the registry of the plugins' images" },
  { name: "project", value: "NAME", purpose: "left empty, whoever registers fills it in" },
  { name: "domain", value: "NAME", purpose: "left empty, whoever registers fills it in" },
  { name: "version", value: "TEXT", purpose: "left empty, whoever registers fills it in" },
];

/** What those flags say. */
export function settingsOf(parsed: ParsedFlags): Omit<SerializationSettings, "module"> {
  const image = text(parsed, "image") ?? process.env.FLYTE_INTERNAL_IMAGE;
  const imageRegistry = text(parsed, "image-registry");
  return {
    project: text(parsed, "project") ?? "",
    domain: text(parsed, "domain") ?? "",
    version: text(parsed, "version") ?? "",
    ...(image === undefined || image === "" ? {} : { image }),
    ...(imageRegistry === undefined ? {} : { imageRegistry }),
  };
}
