import type { JsonObject } from "@bufbuild/protobuf";
import type { AsyncConnector, SyncConnector } from "../connector/connector.ts";
import type { CreateContext, JobContext } from "../connector/connector-context.ts";
import type { LogLink, Resource } from "../connector/resource.ts";
import { metaSchema, type ResourceMetaDeclaration } from "../connector/resource-meta.ts";
import { callOnce, isRepeatable } from "../connector-calls/call-once.ts";
import type { HostParts } from "../connector-calls/host-parts.ts";
import type { JobAnswer } from "../connector-calls/host-request.ts";
import { KeyedRequest } from "../connector-calls/keyed-request.ts";
import { callSync } from "../connector-calls/sync-call.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { joinUri } from "../storage/uri.ts";
import { LiteralMap } from "../wire/messages.ts";

/** An answer, as a meta keeps it. */
interface AnswerMeta {
  readonly phase: Resource["phase"];
  readonly message: string;
  readonly logLinks: readonly LogLink[];
  readonly customInfo?: JsonObject;
  /** The bytes of the outputs in base64; true where they stand in `outputs.pb`. */
  readonly outputs?: string | true;
}

/** The most characters of a message, of the links and the custom info, and of outputs in a meta. */
const most = { message: 4_096, shown: 2_048, outputs: 6_144 } as const;

/**
 * A connector that answers at once, as one that runs jobs: the elements of a map task come so, since propeller takes their
 * version of the type for one that runs jobs. The job is the call, and has ended when it is known: its meta is the answer.
 *
 * A call that takes longer than `CreateTask` waits goes on, and `GetTask` answers when it is done; another process that is
 * asked meanwhile calls again, with the same idempotency key, where the connector lets it (`repeatable`).
 */
export class AnswerJobs implements AsyncConnector<AnswerMeta> {
  readonly name: string;
  readonly meta: ResourceMetaDeclaration<AnswerMeta> = { version: 1, schema: metaSchema<AnswerMeta>(issue) };
  readonly requestsPerSecond: number = Number.POSITIVE_INFINITY;
  readonly leavesNothing = true;
  readonly #parts: HostParts;
  readonly #connector: SyncConnector;

  constructor(parts: HostParts, connector: SyncConnector) {
    this.name = connector.name;
    this.#parts = parts;
    this.#connector = connector;
  }

  create(context: CreateContext): Promise<AnswerMeta> {
    if (isRepeatable(this.#connector, context)) return this.#call(context);
    const message = `${this.name} was called, and nobody knows what came of it: it may have been done, so it is not called again`;
    return callOnce(this.#parts, context, {
      call: () => this.#call(context),
      unknown: () => ({ phase: "FAILED", message, logLinks: [] }),
    });
  }

  async #call(context: CreateContext): Promise<AnswerMeta> {
    const { template, outputPrefix, signal } = context;
    const request = new KeyedRequest(context, { keys: context });
    const answer = await callSync(this.#parts, this.#connector, request, {
      signal,
      deadlineMs: this.#parts.limits.callMs,
    });
    // ended from outside: nobody knows what came of it
    signal.throwIfAborted();
    const { phase, customInfo } = answer;
    const message = answer.message.slice(0, most.message);
    const logLinks = JSON.stringify(answer.logLinks).length > most.shown ? [] : answer.logLinks;
    const told = customInfo === undefined || JSON.stringify(customInfo).length > most.shown ? {} : { customInfo };
    const declared = Object.keys(template.interface?.outputs?.variables ?? {}).length > 0;
    if (phase !== "SUCCEEDED" || !declared) return { phase, message, logLinks, ...told };
    try {
      const outputs = await this.#keptOutputs(answer.outputs, outputPrefix, signal);
      return { phase, message, logLinks, ...told, outputs };
    } catch (thrown) {
      signal.throwIfAborted();
      const why = `the outputs cannot be kept: ${FlyteError.from(thrown).message}`;
      return { phase: "RETRYABLE_FAILED", message: why.slice(0, most.message), logLinks };
    }
  }

  async get({ meta, outputPrefix, signal }: JobContext<AnswerMeta>): Promise<Resource> {
    const { outputs, ...resource } = meta;
    if (outputs === undefined) return resource;
    const bytes =
      outputs === true
        ? await this.#parts.storage.readBytes(joinUri(outputPrefix, "outputs.pb"), { signal })
        : Buffer.from(outputs, "base64");
    return { ...resource, outputs: LiteralMap.decode(bytes) };
  }

  async delete(): Promise<void> {}

  async #keptOutputs(outputs: JobAnswer["outputs"], outputPrefix: string, signal: AbortSignal): Promise<string | true> {
    // too big for an answer: they are written
    if (outputs === undefined) return true;
    const bytes = LiteralMap.encode(outputs);
    const text = Buffer.from(bytes).toString("base64");
    if (text.length <= most.outputs) return text;
    await this.#parts.storage.write(joinUri(outputPrefix, "outputs.pb"), bytes, { signal });
    return true;
  }
}

function issue(value: unknown): string | undefined {
  const { phase, message } = (value ?? {}) as Partial<AnswerMeta>;
  return typeof phase === "string" && typeof message === "string"
    ? undefined
    : "it must be an answer with a phase and a message";
}
