import { FlyteError, LiteralType, type TaskTemplate } from "@flyte-ts/core/plugin";

/** The most characters of an output's type that a meta keeps; the columns of a wider one are left out of the literal. */
const maxTypeLength = 8_000;

/**
 * The declared type of the output `results`, for the meta: protobuf's bytes in base64; undefined without outputs.
 * @throws FlyteError `InvalidDefinition` for other outputs, and for a type that is no dataset.
 */
export function resultsType({ interface: declared }: TaskTemplate): string | undefined {
  const { results, ...others } = declared?.outputs?.variables ?? {};
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new FlyteError("InvalidDefinition", `outputs.${other}: a task of BigQuery has the one output "results"`);
  }
  if (results === undefined) return undefined;
  const { type } = results;
  if (type?.type.case !== "structuredDatasetType") {
    throw new FlyteError("InvalidDefinition", "outputs.results must be a structured dataset");
  }
  const whole = textOf(type);
  if (whole.length <= maxTypeLength) return whole;
  const { format } = type.type.value;
  return textOf(LiteralType.create({ type: { case: "structuredDatasetType", value: { format } } }));
}

const textOf = (type: LiteralType): string => Buffer.from(LiteralType.encode(type)).toString("base64");
