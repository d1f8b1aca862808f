import type { JsonSchema } from "./type-transformer.ts";

/** What a validation says: the value, or what is wrong with it. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** Something wrong with a value, and where. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * A schema of any library that follows Standard Schema (https://standardschema.dev), such as zod, valibot and arktype.
 * `jsonSchema` is what Standard JSON Schema adds to it; not every library has it.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    readonly jsonSchema?: { readonly input: (options: { readonly target: "draft-2020-12" }) => JsonSchema } | undefined;
  };
}

/** What may be given for a schema. */
export type SchemaInput<S extends StandardSchema> = NonNullable<S["~standard"]["types"]>["input"];

/** What a schema makes of it. */
export type SchemaOutput<S extends StandardSchema> = NonNullable<S["~standard"]["types"]>["output"];

/**
 * The JSON Schema of what a schema takes; undefined where its library offers none, or has none for this schema (a
 * transformation, say).
 */
export function jsonSchemaOf(schema: StandardSchema): JsonSchema | undefined {
  const { jsonSchema } = schema["~standard"];
  if (jsonSchema === undefined) return undefined;
  try {
    const { $schema: _dialect, ...rest } = jsonSchema.input({ target: "draft-2020-12" });
    return JSON.parse(JSON.stringify(rest)) as JsonSchema;
  } catch {
    // The standard has libraries throw for what JSON Schema cannot say.
    return undefined;
  }
}

/** An issue as one line, its place in front: `lines[0].price: expected number`. */
export function issueText({ message, path = [] }: StandardIssue): string {
  const place = path
    .map((step) => (typeof step === "object" ? step.key : step))
    .reduce<string>((text, key) => {
      if (typeof key === "number") return `${text}[${key}]`;
      return text === "" ? String(key) : `${text}.${String(key)}`;
    }, "");
  return place === "" ? message : `${place}: ${message}`;
}
