import {
  type AnyEntity,
  entityKind,
  exportedEntities,
  FlyteError,
  isEntity,
  isWorkflow,
  nearest,
  reachable,
} from "@flyte-ts/core/plugin";
import type { LoadedModule } from "./load-module.ts";

/**
 * The entity that is meant: by its own name, by the name that it is exported under, or, without a name, the only workflow
 * (or the only entity) that the file exports. Tasks that are only used inside of an exported workflow are found too.
 * @param file the file as the user named it, for messages.
 * @throws FlyteError `NotFound` that lists what is there, `InvalidInput` when the name is needed and left out.
 */
export function chooseEntity(file: string, module: LoadedModule, name: string | undefined): AnyEntity {
  const exported = exportedEntities(module.exports);
  if (exported.length === 0) {
    throw new FlyteError(
      "NotFound",
      `${file} exports no workflow and no task: export what task(…) or workflow(…) returns`,
    );
  }
  if (name === undefined) return onlyOne(file, exported);
  const all = [...reachable(exported)];
  const found =
    exported.find((one) => one.name === name) ?? module.exports[name] ?? all.find((one) => one.name === name);
  if (isEntity(found)) return found;
  const close = nearest(name, [...all.map((one) => one.name), ...exportNames(module)]);
  const list = `here are ${entityList(all)}`;
  const hint = close === undefined ? `t${list}` : `did you mean ${close}? T${list}`;
  throw new FlyteError("NotFound", `${file} has no workflow or task "${name}"; ${hint}`);
}

function onlyOne(file: string, exported: readonly AnyEntity[]): AnyEntity {
  const workflows = exported.filter(isWorkflow);
  const [only, second] = workflows.length > 0 ? workflows : exported;
  if (only !== undefined && second === undefined) return only;
  throw new FlyteError(
    "InvalidInput",
    `${file} exports several: say which one, behind the file: ${entityList(exported)}`,
  );
}

const exportNames = ({ exports }: LoadedModule): string[] =>
  Object.entries(exports).flatMap(([name, value]) => (isEntity(value) ? [name] : []));

/** The names of entities with what they are, for messages. */
function entityList(entities: readonly AnyEntity[]): string {
  return entities.map((one) => `${one.name} (${entityKind(one)})`).join(", ");
}
