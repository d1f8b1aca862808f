import { type AnyEntity, entityKind, typeLabel } from "@flyte-ts/core/plugin";
import { type Flag, flagLines } from "../arguments/flags.ts";
import { inputFlags } from "../inputs/input-literals.ts";

/** What `flyte-ts run --help` prints. */
export function runHelp(flags: readonly Flag[]): string {
  return `Runs a workflow, a launch plan or a task here and now.

Usage:
  flyte-ts run FILE [ENTITY] --input value …

FILE is a TypeScript or JavaScript file. ENTITY is the name of a workflow or task in it, or the name that it is exported
under; where FILE exports one workflow it may be left out. What inputs there are: flyte-ts run FILE ENTITY --help

Values of inputs:
  lists, maps, objects   JSON: --sizes '[1, 2]'
  times, days            --since 2024-01-31T12:30:00Z  --day 2024-01-31
  durations              --within 90s, 1h30m, PT1H30M
  booleans               --strict, --strict false, --no-strict
  files, datasets        a path or a URI
  optional ones          null leaves them out

Options:
${flagLines(flags)}
`;
}

/** What `flyte-ts run FILE ENTITY --help` prints. */
export function entityHelp(entity: AnyEntity, file: string, flags: readonly Flag[]): string {
  const { name } = entity;
  const { description } = entity as { readonly description?: string };
  const inputs = inputFlags(entity);
  const width = Math.max(0, ...Object.keys(entity.outputs).map((output) => output.length));
  const outputs = Object.entries(entity.outputs).map(
    ([output, type]) =>
      `  ${output.padEnd(width)}  ${typeLabel(type)}${type.description === undefined ? "" : `  ${type.description}`}`,
  );
  const kind = entityKind(entity);
  return `${kind[0]?.toUpperCase()}${kind.slice(1)} ${name}${description === undefined ? "" : `: ${description}`}

Usage:
  flyte-ts run ${file} ${name}${inputs.length === 0 ? "" : " --input value …"}

Inputs:
${inputs.length === 0 ? "  none" : flagLines(inputs)}

Outputs:
${outputs.length === 0 ? "  none" : outputs.join("\n")}

Options:
${flagLines(flags)}
`;
}

/** What `flyte-ts run FILE --help` prints where FILE exports several entities. */
export function fileHelp(entities: readonly AnyEntity[], file: string): string {
  const width = Math.max(...entities.map(({ name }) => name.length));
  const kindWidth = Math.max(...entities.map((entity) => entityKind(entity).length), "workflow".length);
  const rows = entities.map((entity) => {
    const { description } = entity as { readonly description?: string };
    return `  ${entity.name.padEnd(width)}  ${entityKind(entity).padEnd(kindWidth)}  ${description ?? ""}`.trimEnd();
  });
  return `${file} exports

${rows.join("\n")}

Usage:
  flyte-ts run ${file} ENTITY --input value …
  flyte-ts run ${file} ENTITY --help
`;
}
