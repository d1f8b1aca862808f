import { FlyteError, type Literal } from "@flyte-ts/core/plugin";

/**
 * A literal as text in a command, as Flyte writes it: numbers and strings as they are, times in RFC 3339, files and
 * schemas as their URI, lists as `[a,b]`.
 * @param name the input's name, for messages.
 * @throws FlyteError `InvalidInput` for what has no text: maps, structs, datasets, unions, nothing.
 */
export function literalText(literal: Literal, name: string): string {
  const { value } = literal;
  if (value.case === "collection") return `[${value.value.literals.map((one) => literalText(one, name)).join(",")}]`;
  const scalar = value.case === "scalar" ? value.value.value : undefined;
  switch (scalar?.case) {
    case "primitive": {
      const { value: primitive } = scalar.value;
      switch (primitive.case) {
        case "datetime":
          return rfc3339(primitive.value);
        case "duration":
          return duration(primitive.value);
        default:
          return String(primitive.value ?? "");
      }
    }
    case "blob":
    case "schema":
      return scalar.value.uri;
  }
  const what = scalar?.case ?? value.case ?? "nothing";
  throw new FlyteError("InvalidInput", `the input "${name}" is a ${what}, which has no text to put into a command`);
}

interface Instant {
  readonly seconds: bigint;
  readonly nanos: number;
}

/** As many digits as it takes, none for whole seconds. */
const fraction = (nanos: number): string =>
  nanos === 0 ? "" : `.${String(nanos).padStart(9, "0").replace(/0+$/, "")}`;

const rfc3339 = ({ seconds, nanos }: Instant): string =>
  `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}${fraction(nanos)}Z`;

const duration = ({ seconds, nanos }: Instant): string => `${seconds}${fraction(Math.abs(nanos))}s`;
