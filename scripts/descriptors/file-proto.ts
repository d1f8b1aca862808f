import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";

/** A field: name, number, label, type, and for some its type's name, its oneof's index or -1, and 1 if `optional`. */
export type FieldLiteral = readonly [string, number, number, number, string?, number?, 1?];

/** An enum: its name, and its values' names and numbers in turn. */
export type EnumLiteral = readonly [string, readonly (string | number)[]];

/** A message; what it does not have is left out. */
export interface MessageLiteral {
  readonly name: string;
  readonly fields?: readonly FieldLiteral[];
  readonly messages?: readonly MessageLiteral[];
  readonly enums?: readonly EnumLiteral[];
  readonly oneofs?: readonly string[];
  readonly mapEntry?: true;
}

/** A method: its name, input, output, and 1 for each side that streams. */
export type MethodLiteral = readonly [string, string, string, 0 | 1, 0 | 1];

/** A file of syntax proto3. */
export interface FileLiteral {
  readonly name: string;
  readonly package: string;
  readonly messages: readonly MessageLiteral[];
  readonly enums: readonly EnumLiteral[];
  readonly services: readonly (readonly [string, readonly MethodLiteral[]])[];
}

/** What a field says when it says nothing; that it says something is told by own properties. */
const fieldDefaults = { extendee: "", typeName: "", defaultValue: "", oneofIndex: 0, proto3Optional: false };

/**
 * The descriptor that a literal stands for, as protobuf-es's own decoding makes it.
 * @param dependency the names of the files that it imports.
 * @param jsonName protobuf's rule for a field's name in JSON.
 */
export function fileProto(
  literal: FileLiteral,
  dependency: readonly string[],
  jsonName: (name: string) => string,
): FileDescriptorProto {
  const field = ([name, number, label, type, typeName = "", oneof = -1, optional]: FieldLiteral): object => ({
    __proto__: fieldDefaults,
    $typeName: "google.protobuf.FieldDescriptorProto",
    name,
    number,
    label,
    type,
    jsonName: jsonName(name),
    ...(typeName === "" ? {} : { typeName }),
    ...(oneof < 0 ? {} : { oneofIndex: oneof }),
    ...(optional === 1 ? { proto3Optional: true } : {}),
  });
  const message = ({ name, fields, messages, enums, oneofs, mapEntry }: MessageLiteral): object => ({
    $typeName: "google.protobuf.DescriptorProto",
    name,
    field: fields?.map(field) ?? [],
    extension: [],
    nestedType: messages?.map(message) ?? [],
    enumType: enums?.map(enumeration) ?? [],
    extensionRange: [],
    oneofDecl: oneofs?.map((oneof) => ({ $typeName: "google.protobuf.OneofDescriptorProto", name: oneof })) ?? [],
    reservedRange: [],
    reservedName: [],
    ...(mapEntry
      ? { options: { $typeName: "google.protobuf.MessageOptions", mapEntry, uninterpretedOption: [] } }
      : {}),
  });
  return {
    $typeName: "google.protobuf.FileDescriptorProto",
    name: literal.name,
    package: literal.package,
    syntax: "proto3",
    dependency,
    publicDependency: [],
    weakDependency: [],
    optionDependency: [],
    messageType: literal.messages.map(message),
    enumType: literal.enums.map(enumeration),
    service: literal.services.map(service),
    extension: [],
  } as object as FileDescriptorProto;
}

function enumeration([name, pairs]: EnumLiteral): object {
  const value: object[] = [];
  for (let at = 0; at < pairs.length; at += 2) {
    value.push({ $typeName: "google.protobuf.EnumValueDescriptorProto", name: pairs[at], number: pairs[at + 1] });
  }
  return { $typeName: "google.protobuf.EnumDescriptorProto", name, value, reservedRange: [], reservedName: [] };
}

const service = ([name, methods]: readonly [string, readonly MethodLiteral[]]): object => ({
  $typeName: "google.protobuf.ServiceDescriptorProto",
  name,
  method: methods.map(([method, inputType, outputType, client, server]) => ({
    $typeName: "google.protobuf.MethodDescriptorProto",
    name: method,
    inputType,
    outputType,
    ...(client === 1 ? { clientStreaming: true } : {}),
    ...(server === 1 ? { serverStreaming: true } : {}),
  })),
});
