import {
  type AnyEntity,
  entityKind,
  hasDefault,
  isLaunchPlan,
  isWorkflow,
  type Types,
  typeLabel,
} from "@flyte-ts/core/plugin";
import { type GraphTextOptions, graphText } from "./graph-text.ts";
import { stateOf } from "./inputs/input-literals.ts";

/** An entity for people: what it is and is for, what goes in and comes out, and the graph of a workflow. */
export function entityText(entity: AnyEntity, options: GraphTextOptions = {}): string {
  const { description, taskType } = entity as { readonly description?: string; readonly taskType?: string };
  const kind = entityKind(entity);
  const of = isLaunchPlan(entity) ? ` of ${entity.workflow.name}` : taskType === undefined ? "" : ` (${taskType})`;
  const head = `${kind} ${entity.name}${of}${description === undefined ? "" : `: ${description}`}`;
  const sides = [...side("inputs", entity.inputs), ...side("outputs", entity.outputs)];
  const graph = isWorkflow(entity) ? ["", graphText(entity, options)] : [];
  return [head, ...sides, ...graph].join("\n");
}

function side(title: string, types: Types): string[] {
  const rows = Object.entries(types).map(([name, type]) => [
    name,
    [typeLabel(type), ...(hasDefault(type) ? [stateOf(type)] : [])].join("  "),
    type.description ?? "",
  ]);
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(([name = "", label = "", about = ""]) =>
    `  ${name.padEnd(widths[0] ?? 0)}  ${label.padEnd(widths[1] ?? 0)}  ${about}`.trimEnd(),
  );
  return [`${title}:`, ...(lines.length === 0 ? ["  none"] : lines)];
}
