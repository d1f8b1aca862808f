import { type DescField, type DescMessage, type MessageShape, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";

/** A field's value, or an item of it. */
type FieldKind = Pick<DescField, "enum" | "scalar">;

/** A message in protobuf's text format, fields in the order of their numbers. */
export function textFormat<Desc extends DescMessage>(desc: Desc, message: MessageShape<Desc>): string {
  return messageLines(reflect(desc, message), "").join("");
}

function messageLines(message: ReflectMessage, indent: string): string[] {
  return [...message.fields]
    .sort((a, b) => a.number - b.number)
    .filter((field) => message.isSet(field))
    .flatMap((field) => fieldLines(message, field, indent));
}

function fieldLines(message: ReflectMessage, field: DescField, indent: string): string[] {
  const line = (value: unknown): string[] => valueLines(field.name, value, field, indent);
  switch (field.fieldKind) {
    case "list":
      return [...message.get(field)].flatMap(line);
    case "map": {
      const entries = [...message.get(field)].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
      const inner = `${indent}  `;
      return entries.flatMap(([key, value]) => [
        `${indent}${field.name} {\n`,
        ...valueLines("key", key, { enum: undefined, scalar: field.mapKey }, inner),
        ...valueLines("value", value, field, inner),
        `${indent}}\n`,
      ]);
    }
    default:
      return line(message.get(field));
  }
}

function valueLines(name: string, value: unknown, kind: FieldKind, indent: string): string[] {
  if (isMessage(value)) return [`${indent}${name} {\n`, ...messageLines(value, `${indent}  `), `${indent}}\n`];
  return [`${indent}${name}: ${scalarText(value, kind)}\n`];
}

const isMessage = (value: unknown): value is ReflectMessage =>
  typeof value === "object" && value !== null && "fields" in value && "isSet" in value;

function scalarText(value: unknown, { enum: names, scalar }: FieldKind): string {
  if (names !== undefined) return names.value[Number(value)]?.name ?? String(value);
  if (value instanceof Uint8Array) return `"${[...value].map(byteText).join("")}"`;
  if (typeof value === "string") return `"${escaped(value)}"`;
  if (scalar === ScalarType.DOUBLE || scalar === ScalarType.FLOAT) {
    return String(value).replace("NaN", "nan").replace("Infinity", "inf");
  }
  return String(value);
}

const named: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\" };

const octal = (code: number): string => `\\${code.toString(8).padStart(3, "0")}`;

/** Text stays as it is, but for quotes, backslashes and what cannot be seen. */
const escaped = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is escaped
  text.replace(/[\u0000-\u001f\u007f"\\]/g, (one) => named[one] ?? octal(one.charCodeAt(0)));

const byteText = (byte: number): string =>
  byte >= 32 && byte < 127 ? escaped(String.fromCharCode(byte)) : octal(byte);
