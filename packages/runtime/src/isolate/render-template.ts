import { FlyteError, type Literal, type LiteralMap } from "@flyte-ts/core/plugin";
import { literalText } from "./literal-text.ts";

/** What the variables in a container's command and arguments stand for. */
export interface TemplateValues {
  /** The URI of `inputs.pb`. */
  readonly input: string;
  /** The folder's URI that `inputs.pb` is in. */
  readonly inputPrefix: string;
  readonly outputPrefix: string;
  readonly rawOutputDataPrefix: string;
  readonly taskTemplatePath: string;
  readonly checkpointOutputPrefix: string;
  /** Empty when there is no previous attempt; it renders as two quotes then, as Flyte's does. */
  readonly prevCheckpointPrefix: string;
  /** Letters, digits and underscores, new for every attempt. */
  readonly perRetryUniqueKey: string;
  readonly namespace: string;
  readonly inputs: LiteralMap;
}

/**
 * A command's words with Flyte's variables filled in: `{{.input}}`, whatever the case and the spaces around it, and
 * `{{.inputs.<name>}}` (flyteplugins/go/tasks/pluginmachinery/core/template/template.go).
 * @throws FlyteError `InvalidInput` for an input that is not there, or that has no text.
 */
export function renderTemplate(words: readonly string[], values: TemplateValues): string[] {
  const { inputs, ...texts } = values;
  const known = new Map(Object.entries(texts).map(([name, value]) => [name.toLowerCase(), value]));
  known.set("prevcheckpointprefix", values.prevCheckpointPrefix === "" ? '""' : values.prevCheckpointPrefix);
  const plain = /\{\{\s*[.$](\w+)\s*\}\}/gi;
  const input = /\{\{\s*[.$]inputs\.(\w+)\s*\}\}/gi;
  return words.map((word) =>
    word
      .replace(plain, (whole, name: string) => known.get(name.toLowerCase()) ?? whole)
      .replace(input, (_whole, name: string) => literalText(literalNamed(name, inputs), name)),
  );
}

function literalNamed(name: string, { literals }: LiteralMap): Literal {
  const found = literals[name];
  if (found !== undefined) return found;
  const present = Object.keys(literals).join(", ");
  throw new FlyteError(
    "InvalidInput",
    `the command's {{.inputs.${name}}} has no input of that name; there are ${present === "" ? "none" : present}`,
  );
}
