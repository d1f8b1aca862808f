import { create } from "@bufbuild/protobuf";
import { type DescriptionEntity, DescriptionEntitySchema, DescriptionFormat } from "@flyte-ts/idl/admin";
import type { Docs } from "../task/docs.ts";

const formats = {
  markdown: DescriptionFormat.MARKDOWN,
  html: DescriptionFormat.HTML,
  rst: DescriptionFormat.RST,
  plain: DescriptionFormat.UNKNOWN,
} as const;

/** The wire form of what is said about an entity; undefined when nothing is. */
export function descriptionMessage(short: string | undefined, docs: Docs = {}): DescriptionEntity | undefined {
  const { text, url, format = "rst", icon = "", source, tags = [] } = docs;
  const long = text !== undefined || url !== undefined || icon !== "";
  if (short === undefined && !long && source === undefined && tags.length === 0) return undefined;
  return create(DescriptionEntitySchema, {
    shortDescription: short ?? "",
    // flytekit gives every described entity a long description, empty or not
    longDescription: {
      format: formats[format],
      iconLink: icon,
      ...(text !== undefined ? { content: { case: "value", value: text } } : {}),
      ...(text === undefined && url !== undefined ? { content: { case: "uri", value: url } } : {}),
    },
    ...(source === undefined ? {} : { sourceCode: { link: source } }),
    tags: [...tags],
  });
}
