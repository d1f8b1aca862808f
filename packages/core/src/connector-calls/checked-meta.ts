import { maxResourceMetaBytes, type ResourceMetaDeclaration } from "../connector/resource-meta.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { issueText } from "../types/standard-schema.ts";
import type { Awaitable } from "../types/type-transformer.ts";
import type { SecretKeeper } from "./secret-keeper.ts";

/** A meta as it is written, and as it is read. */
export interface WrittenMeta<Meta> {
  readonly json: unknown;
  readonly meta: Meta;
}

/**
 * A meta as it will be read again: through JSON, checked by its schema, without secrets, within its size.
 * @throws FlyteError `InvalidDefinition`: the connector's fault.
 */
export function writtenMeta<Meta>(
  { schema }: ResourceMetaDeclaration<Meta>,
  connector: string,
  meta: Meta,
  secrets: Pick<SecretKeeper, "isIn">,
): Awaitable<WrittenMeta<Meta>> {
  const bad = (why: string, cause?: unknown): FlyteError =>
    new FlyteError("InvalidDefinition", `the connector ${connector} made a meta that cannot be kept: ${why}`, {
      cause,
    });
  let text: string | undefined;
  try {
    text = JSON.stringify(meta);
  } catch (cause) {
    throw bad((cause as Error).message, cause);
  }
  if (text === undefined) throw bad(`it is ${String(meta)}; a meta is a value of JSON`);
  if (secrets.isIn(text)) {
    throw bad("it holds a secret. Keep the secret's name, and ask for it again in get and delete");
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > maxResourceMetaBytes) {
    throw bad(`it has ${bytes} bytes of JSON; at most ${maxResourceMetaBytes} are allowed`);
  }
  const json: unknown = JSON.parse(text);
  const result = schema["~standard"].validate(json);
  return result instanceof Promise ? result.then(checked) : checked(result);

  function checked(found: Exclude<typeof result, Promise<unknown>>): WrittenMeta<Meta> {
    if (found.issues !== undefined) throw bad(found.issues.map(issueText).join("; "));
    return { json, meta: found.value };
  }
}

/**
 * A meta that was written by this or an earlier version of its declaration.
 * @throws FlyteError `InvalidInput` for one that does not pass, also after the upgrade.
 */
export function readMeta<Meta>(
  declaration: ResourceMetaDeclaration<Meta>,
  connector: string,
  json: unknown,
  version: number,
): Awaitable<Meta> {
  const { schema, upgrade } = declaration;
  const current = version < declaration.version && upgrade !== undefined ? upgrade(json, version) : json;
  const result = schema["~standard"].validate(current);
  return result instanceof Promise ? result.then(checked) : checked(result);

  function checked(found: Exclude<typeof result, Promise<unknown>>): Meta {
    if (found.issues === undefined) return found.value;
    throw new FlyteError(
      "InvalidInput",
      `the connector ${connector} (meta of version ${declaration.version}) cannot read a meta of version ${version}: ` +
        found.issues.map(issueText).join("; "),
    );
  }
}
