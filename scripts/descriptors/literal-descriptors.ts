/**
 * Generated protobuf code holds the descriptor of its file in base64, and decodes it by reflection, whose own descriptor
 * comes before. In bundles it holds a literal instead, of what is needed at run time: messages, enums and services, but
 * no options and no extensions of options. That saves two thirds of the time that a process takes until it can read its
 * first message.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromBinary } from "@bufbuild/protobuf";
import { type DescriptorProto, type EnumDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { Plugin } from "esbuild";
import type { EnumLiteral, FieldLiteral, FileLiteral, MessageLiteral } from "./file-proto.ts";

/** The import that leads to protobuf-es's own `fileDesc`. */
const decoded = "flyte-ts:decoded-file-desc";

/** Generated code with a literal in the place of its descriptor in base64; one that a literal cannot say stays. */
export function withLiteral(source: string): string {
  const call = /\bfileDesc\("([A-Za-z0-9+/=]*)"/;
  const base64 = call.exec(source)?.[1];
  if (base64 === undefined) return source;
  try {
    const literal = JSON.stringify(fileLiteral(base64));
    return source.replace(call, () => `fileDesc(${literal}`);
  } catch {
    const own = source.replace(call, () => `decodedFileDesc("${base64}"`);
    return `import { fileDesc as decodedFileDesc } from "${decoded}";\n${own}`;
  }
}

/** The esbuild plugin that gives protobuf-es a `fileDesc` for literals. */
export const literalFileDesc: Plugin = {
  name: "literal-file-desc",
  setup(hooks) {
    const original = fileURLToPath(import.meta.resolve("@bufbuild/protobuf/codegenv2")).replace(
      /index\.js$/,
      "file.js",
    );
    const own = "?decoded";
    hooks.onResolve({ filter: new RegExp(`^${decoded}$`) }, () => ({ path: original, suffix: own }));
    hooks.onLoad({ filter: /[\\/]codegenv2[\\/]file\.js$/ }, ({ suffix }) =>
      suffix === own ? undefined : { resolveDir: dirname(original), contents: literalVersion },
    );
  },
};

/** The module that takes the place of protobuf-es's. */
const literalVersion = `
  import { createEmbeddedFileRegistry } from "../registry.js";
  import { protoCamelCase } from "../reflect/names.js";
  import { fileProto } from ${JSON.stringify(join(import.meta.dirname, "file-proto.ts"))};
  export function fileDesc(literal, imports = []) {
    const file = fileProto(literal, imports.map(({ proto }) => proto.name), protoCamelCase);
    return createEmbeddedFileRegistry(file, (name) => imports.find(({ proto }) => proto.name === name)).getFile(file.name);
  }`;

/**
 * The literal of a descriptor in base64.
 * @throws Error that names what a literal cannot say: another syntax, extensions in messages, packing, JavaScript types,
 * defaults.
 */
export function fileLiteral(base64: string): FileLiteral {
  const file = fromBinary(FileDescriptorProtoSchema, Buffer.from(base64, "base64"));
  if (file.syntax !== "proto3") throw new Error(`${file.name} has no literal: its syntax is "${file.syntax}"`);
  return {
    name: file.name,
    package: file.package,
    messages: file.messageType.map(messageLiteral),
    enums: file.enumType.map(enumLiteral),
    services: file.service.map(({ name, method }) => [
      name,
      method.map(({ name, inputType, outputType, clientStreaming, serverStreaming }) => [
        name,
        inputType,
        outputType,
        clientStreaming ? 1 : 0,
        serverStreaming ? 1 : 0,
      ]),
    ]),
  };
}

function messageLiteral({
  name,
  field,
  nestedType,
  enumType,
  oneofDecl,
  extension,
  options,
}: DescriptorProto): MessageLiteral {
  if (extension.length > 0) throw new Error(`${name} has no literal: it declares extensions`);
  return {
    name,
    ...(field.length === 0 ? {} : { fields: field.map((one) => fieldLiteral(name, one)) }),
    ...(nestedType.length === 0 ? {} : { messages: nestedType.map(messageLiteral) }),
    ...(enumType.length === 0 ? {} : { enums: enumType.map(enumLiteral) }),
    ...(oneofDecl.length === 0 ? {} : { oneofs: oneofDecl.map((oneof) => oneof.name) }),
    ...(options?.mapEntry ? { mapEntry: true } : {}),
  };
}

function fieldLiteral(message: string, field: DescriptorProto["field"][number]): FieldLiteral {
  const { name, number, label, type, typeName, oneofIndex, proto3Optional, options } = field;
  const special = ["packed", "jstype", "features"].filter(
    (key) => options !== undefined && Object.hasOwn(options, key),
  );
  special.push(...["jsonName", "defaultValue"].filter((key) => Object.hasOwn(field, key)));
  if (special.length > 0) throw new Error(`${message}.${name} has no literal: it says ${special.join(", ")}`);
  const oneof = Object.hasOwn(field, "oneofIndex") ? oneofIndex : -1;
  if (proto3Optional) return [name, number, label, type, typeName, oneof, 1];
  if (oneof >= 0) return [name, number, label, type, typeName, oneof];
  return typeName === "" ? [name, number, label, type] : [name, number, label, type, typeName];
}

const enumLiteral = ({ name, value }: EnumDescriptorProto): EnumLiteral => [
  name,
  value.flatMap((one) => [one.name, one.number]),
];
