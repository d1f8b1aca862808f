import { FlyteError, LiteralType, PreciseDate } from "@flyte-ts/core/plugin";

/** A value in a query: SQL with a `?` for every parameter. No text of the value is in the SQL. */
export interface SqlValue {
  readonly sql: string;
  readonly parameters: readonly string[];
}

/** The most characters of an execution parameter. */
const maxParameter = 1024;

/** The simple types that are values of Athena's, with the SQL type of each. */
const simpleTypes: Readonly<Record<string, string>> = {
  NONE: "VARCHAR",
  INTEGER: "BIGINT",
  FLOAT: "DOUBLE",
  STRING: "VARCHAR",
  BOOLEAN: "BOOLEAN",
  DATETIME: "TIMESTAMP(6)",
  DURATION: "INTERVAL DAY TO SECOND",
  BINARY: "VARBINARY",
  STRUCT: "JSON",
};

/** What of an input's type the SQL depends on. */
type Kind = { readonly of: "scalar"; readonly type: string } | { readonly of: "list" | "map"; readonly item: Kind };

/**
 * Checks that inputs of a type can be values of a query.
 * @throws FlyteError `InvalidDefinition` for files, directories, datasets and unions of several types.
 */
export function checkType(name: string, type: LiteralType): void {
  kindOf(name, type);
}

function kindOf(name: string, literalType: LiteralType): Kind {
  const { type } = literalType;
  switch (type.case) {
    case "simple": {
      const { simple } = LiteralType.toJson(literalType) as { readonly simple: string };
      const found = simpleTypes[simple];
      if (found !== undefined) return { of: "scalar", type: found };
      break;
    }
    case "enumType":
      return { of: "scalar", type: "VARCHAR" };
    case "collectionType":
      return { of: "list", item: kindOf(name, type.value) };
    case "mapValueType":
      return { of: "map", item: kindOf(name, type.value) };
    case "unionType": {
      const kinds = type.value.variants.map((variant) => kindOf(name, variant));
      const values = kinds.filter((_, at) => !isNone(type.value.variants[at]));
      const [only] = values;
      if (new Set(values.map((kind) => JSON.stringify(kind))).size <= 1)
        return only ?? { of: "scalar", type: "VARCHAR" };
      throw new FlyteError("InvalidDefinition", `inputs.${name} is a union of several types; a query needs one`);
    }
  }
  throw new FlyteError(
    "InvalidDefinition",
    `inputs.${name} has a type that Athena has no value for: ${type.case ?? "none"}`,
  );
}

const isNone = (type: LiteralType | undefined): boolean =>
  type?.type.case === "simple" && (LiteralType.toJson(type) as { readonly simple?: string }).simple === "NONE";

/**
 * A value where a value stands: literals of SQL as execution parameters, in single quotes where SQL wants them.
 * @param day the value is a day, not a moment.
 */
export function sqlValue(name: string, type: LiteralType, value: unknown, day: boolean): SqlValue {
  return rendered(`inputs.${name}`, kindOf(name, type), value, day);
}

/**
 * A value in the place of a quoted literal, as its text.
 * @throws FlyteError `InvalidInput` for bytes, lists and maps.
 */
export function sqlText(name: string, type: LiteralType, value: unknown, day: boolean): SqlValue {
  const kind = kindOf(name, type);
  if (kind.of !== "scalar" || kind.type === "VARBINARY") {
    throw new FlyteError("InvalidInput", `inputs.${name} has no text; it cannot stand in quotes`);
  }
  return value === null ? one("NULL") : texts(plainText(kind.type, value, day));
}

function rendered(place: string, kind: Kind, value: unknown, day: boolean): SqlValue {
  if (value === null || value === undefined) return one("NULL");
  if (kind.of === "scalar") return scalar(place, kind.type, value, day);
  const sqlType = typeName(kind, day);
  if (kind.of === "list") {
    const items = (value as readonly unknown[]).map((item, at) => rendered(`${place}[${at}]`, kind.item, item, day));
    return joined(`CAST(ARRAY[`, items, `] AS ${sqlType})`);
  }
  const entries = sorted(Object.entries(value as Readonly<Record<string, unknown>>));
  const keys = joined(
    "MAP(ARRAY[",
    entries.map(([key]) => texts(key)),
    "], ARRAY[",
  );
  const values = joined(
    "",
    entries.map(([key, item]) => rendered(`${place}.${key}`, kind.item, item, day)),
    "])",
  );
  return {
    sql: `CAST(${keys.sql}${values.sql} AS ${sqlType})`,
    parameters: [...keys.parameters, ...values.parameters],
  };
}

function joined(before: string, values: readonly SqlValue[], after: string): SqlValue {
  return {
    sql: `${before}${values.map(({ sql }) => sql).join(", ")}${after}`,
    parameters: values.flatMap(({ parameters }) => parameters),
  };
}

function typeName(kind: Kind, day: boolean): string {
  if (kind.of === "scalar") return day && kind.type.startsWith("TIMESTAMP") ? "DATE" : kind.type;
  const item = typeName(kind.item, day);
  return kind.of === "list" ? `ARRAY(${item})` : `MAP(VARCHAR, ${item})`;
}

function scalar(place: string, type: string, value: unknown, day: boolean): SqlValue {
  switch (type) {
    case "BIGINT": {
      const integer = BigInt(value as bigint | number);
      // a minus is an operator to the parser, and what follows it must fit by itself
      return one(integer === -(2n ** 63n) ? "BIGINT '-9223372036854775808'" : integer.toString());
    }
    case "DOUBLE": {
      const number = Number(value);
      return one(
        Number.isFinite(number) ? number.toExponential().toUpperCase().replace("E+", "E") : `DOUBLE '${number}'`,
      );
    }
    case "BOOLEAN":
      return one(value === true ? "TRUE" : "FALSE");
    case "TIMESTAMP(6)":
      return one(`${day ? "DATE" : "TIMESTAMP"} '${plainText(type, value, day)}'`);
    case "INTERVAL DAY TO SECOND":
      return one(interval(place, Number(value)));
    case "VARBINARY": {
      const hex = Buffer.from(value as Uint8Array).toString("hex");
      return hex.length + 3 <= maxParameter ? one(`X'${hex}'`) : wrapped("from_hex", texts(hex));
    }
    case "JSON": {
      const text = plainText(type, value, day);
      const literal = `JSON ${quoted(text)}`;
      return literal.length <= maxParameter ? one(literal) : wrapped("json_parse", texts(text));
    }
    default:
      return texts(String(value));
  }
}

function plainText(type: string, value: unknown, day: boolean): string {
  if (type === "JSON") return jsonText(value);
  if (value instanceof Date) {
    const text = (PreciseDate.is(value) ? microseconds(value) : value.toISOString()).replace("T", " ").replace("Z", "");
    return day ? text.slice(0, 10) : text.replace(/\.000$/, "");
  }
  if (type === "INTERVAL DAY TO SECOND") return String(Number(value) / 1000);
  return String(value);
}

const microseconds = (date: PreciseDate): string => date.toISOString().replace(/(\.\d{6})\d{3}Z$/, "$1Z");

/** Milliseconds as an interval of days to seconds. */
function interval(place: string, ms: number): string {
  if (!Number.isInteger(ms)) {
    throw new FlyteError("InvalidInput", `${place} is ${ms} milliseconds; Athena's intervals have whole ones`);
  }
  const rest = Math.abs(ms);
  const two = (part: number): string => String(Math.floor(part)).padStart(2, "0");
  const clock = `${two((rest / 3_600_000) % 24)}:${two((rest / 60_000) % 60)}:${two((rest / 1000) % 60)}`;
  const text = `${Math.floor(rest / 86_400_000)} ${clock}.${String(rest % 1000).padStart(3, "0")}`;
  return `INTERVAL ${ms < 0 ? "-" : ""}'${text}' DAY TO SECOND`;
}

/** A text as one literal, or, where it is too long for one parameter, as several that are put together. */
function texts(text: string): SqlValue {
  const pieces: string[] = [];
  let piece = "";
  let length = 2;
  for (const character of text.toWellFormed()) {
    const more = character === "'" ? 2 : character.length;
    if (length + more > maxParameter) {
      pieces.push(piece);
      piece = "";
      length = 2;
    }
    piece += character;
    length += more;
  }
  const literals = [...pieces, piece].map(quoted);
  if (literals.length === 1) return one(literals[0] ?? "''");
  return { sql: `(${literals.map(() => "?").join(" || ")})`, parameters: literals };
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const one = (parameter: string): SqlValue => ({ sql: "?", parameters: [parameter] });
const wrapped = (call: string, { sql, parameters }: SqlValue): SqlValue => ({ sql: `${call}(${sql})`, parameters });

/**
 * By name: Flyte sends maps in any order, another one with each repetition of a request, and Athena takes a token only
 * with the request that it came with.
 */
const sorted = <V>(entries: readonly [string, V][]): readonly [string, V][] =>
  entries.toSorted(([one], [other]) => (one < other ? -1 : 1));

/** JSON text, with integers beyond 2^53 written out. */
function jsonText(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    const entries = sorted(Object.entries(value)).filter(([, item]) => item !== undefined);
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}
