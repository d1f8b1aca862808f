import {
  type ConversionContext,
  FlyteError,
  type LiteralType,
  PlainFloat,
  type TaskTemplate,
} from "@flyte-ts/core/plugin";
import type { HttpAnswer } from "../client.ts";
import type { RenderedRequest } from "../request/render.ts";
import type { Value } from "../request/value.ts";
import type { WebhookConfig } from "../webhook-config.ts";
import { schemaProblem } from "./schema-problem.ts";

/**
 * The task's outputs from an answer: `info`, with flytekit's keys, or `status` and `body`.
 * @throws FlyteError `InvalidType` when the body is not of the type that the task declares.
 */
export async function outputsOf(
  answer: HttpAnswer & { readonly text: string },
  config: WebhookConfig,
  request: RenderedRequest,
  template: TaskTemplate,
  conversion: ConversionContext,
): Promise<Readonly<Record<string, unknown>>> {
  const declared = template.interface?.outputs?.variables ?? {};
  const outputs: Record<string, unknown> = {};
  for (const [name, { type }] of Object.entries(declared)) {
    switch (name) {
      case "info":
        outputs.info = {
          status_code: answer.status,
          response_data: answer.text,
          ...(config.showData ? { input_data: shownData(request.data) } : {}),
          ...(config.showUrl ? { url: request.shownUrl } : {}),
        };
        break;
      case "status":
        outputs.status = BigInt(answer.status);
        break;
      case "body": {
        if (config.response === "text" || type === undefined) outputs.body = answer.text;
        else outputs.body = await typed(parseJson(answer.text), type, conversion);
        break;
      }
      default:
        throw new FlyteError("InvalidDefinition", `outputs.${name}: a webhook's outputs are info, or status and body`);
    }
  }
  return outputs;
}

/** Values as `t.json` takes them. */
function shownData(value: Value): unknown {
  if (value instanceof PlainFloat) return value.value;
  if (Array.isArray(value)) return (value as readonly Value[]).map(shownData);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shownData(item)]));
}

/** The native value of the type that a task declares. */
async function typed(value: unknown, literalType: LiteralType, conversion: ConversionContext): Promise<unknown> {
  const wrong = (why: string, cause?: unknown): FlyteError =>
    new FlyteError("InvalidType", `the answer's body is not what the task declares: ${why}`, { cause });
  const problem = schemaProblem(value, literalType.metadata);
  if (problem !== undefined) throw wrong(problem);
  try {
    return await conversion.types.guess(literalType).fromPlain(value as never, conversion);
  } catch (cause) {
    throw wrong(FlyteError.from(cause).message, cause);
  }
}

/** JSON with integers beyond 2^53 as bigints. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, exactIntegers as (key: string, value: unknown) => unknown);
  } catch (cause) {
    const start = JSON.stringify(text.slice(0, 60));
    throw new FlyteError("InvalidType", `the answer's body is no JSON; it begins with ${start}`, { cause });
  }
}

/** A reviver: JavaScript hands it the text of each number. */
function exactIntegers(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value) || context?.source === undefined) return value;
  return /^-?\d+$/.test(context.source) ? BigInt(context.source) : value;
}

/** The text of a body, in the character set that its header names; UTF-8 by default. */
export function bodyText({ headers, body }: HttpAnswer): string {
  const charset = /charset\s*=\s*"?([^\s";]+)/i.exec(headers["content-type"] ?? "")?.[1] ?? "utf-8";
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
}
