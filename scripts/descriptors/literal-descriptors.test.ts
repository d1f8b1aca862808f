import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { fileProto } from "./file-proto.ts";
import { fileLiteral } from "./literal-descriptors.ts";

const root = join(import.meta.dirname, "../..");

/** The descriptors in base64 of all generated code below a folder. */
const embedded = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /_pb\.[jt]s$/.test(entry.name))
    .map((entry) => /\bfileDesc\("([^"]*)"/.exec(readFileSync(join(entry.parentPath, entry.name), "utf8"))?.[1])
    .filter((base64) => base64 !== undefined);

/** All that a process needs of a descriptor: no options but those of a map's entries, no names that rules give. */
function essence(file: FileDescriptorProto): unknown {
  return JSON.parse(
    JSON.stringify(file, (key, value: unknown) => {
      if (key === "options") return (value as { mapEntry?: boolean }).mapEntry ? { mapEntry: true } : undefined;
      return ["reservedRange", "reservedName", "jsonName", "extension"].includes(key) ? undefined : value;
    }),
  );
}

test.each(["packages/idl/src/gen", "node_modules/@bufbuild/protobuf/dist/esm/wkt"])(
  "every descriptor of %s is the same by way of its literal",
  (folder) => {
    const descriptors = embedded(folder);
    expect(descriptors.length).toBeGreaterThan(5);
    for (const base64 of descriptors) {
      const file = fromBinary(FileDescriptorProtoSchema, Buffer.from(base64, "base64"));
      if (file.syntax !== "proto3") continue;
      const again = fileProto(fileLiteral(base64), [], (name) => name);
      // To bytes and back, as a server's reflection sends it.
      const read = fromBinary(FileDescriptorProtoSchema, toBinary(FileDescriptorProtoSchema, again));
      expect(essence(read)).toEqual(essence(file));
    }
  },
);

test("what a literal cannot say is an error that names it", () => {
  const file = fileProto({ name: "old.proto", package: "", messages: [], enums: [], services: [] }, [], String);
  const base64 = (syntax: string): string =>
    Buffer.from(toBinary(FileDescriptorProtoSchema, { ...file, syntax })).toString("base64");
  expect(fileLiteral(base64("proto3")).name).toBe("old.proto");
  expect(() => fileLiteral(base64("proto2"))).toThrow('old.proto has no literal: its syntax is "proto2"');
});
