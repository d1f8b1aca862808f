import type { ObjectAddress, ObjectWrite } from "../objects/object-client.ts";

/** The name under which a write's mark is kept among an object's metadata. */
export const markName = "flyte-ts-write";

/** Where an object is, in the SDK's words. */
export const at = ({ container, key }: ObjectAddress): { Bucket: string; Key: string } => ({
  Bucket: container,
  Key: key,
});

/** An object's URI. */
export const shown = ({ root, key }: ObjectAddress): string => root + key;

/** What is kept with an object. */
export const kept = ({
  contentType,
  mark,
}: ObjectWrite): { ContentType?: string; Metadata?: Record<string, string> } => ({
  ...(contentType === undefined ? {} : { ContentType: contentType }),
  ...(mark === undefined ? {} : { Metadata: { [markName]: mark } }),
});

/** The condition of a write. */
export const condition = ({ ifAbsent }: ObjectWrite): { IfNoneMatch?: string } =>
  ifAbsent === true ? { IfNoneMatch: "*" } : {};

/** A key of a listing; not every store encodes it as it is asked to. */
export const decodedKey = (key: string, encoding: string | undefined): string =>
  encoding === "url" ? decodeURIComponent(key.replaceAll("+", " ")) : key;

/** Where to copy from, in the SDK's words. */
export const copySource = ({ container, key }: ObjectAddress): string =>
  `${container}/${key.split("/").map(encodeURIComponent).join("/")}`;

/** The checksums of a part that an answer has, which the end of its upload has to name. */
export function checksumsOf(answer: object): Readonly<Record<string, string>> {
  const given = Object.entries(answer).filter(
    ([name, value]) => /^Checksum[A-Z0-9]+$/.test(name) && typeof value === "string",
  );
  return Object.fromEntries(given);
}
