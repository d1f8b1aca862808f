import type { SyncConnector } from "../connector/connector.ts";
import { isTerminal, type Phase, phaseNumbers } from "../connector/phase.ts";
import { checkedResource } from "../connector/resource.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { createContext } from "./call-contexts.ts";
import { isRepeatable } from "./call-once.ts";
import { customInfoOf } from "./custom-info.ts";
import { faultOf } from "./fault.ts";
import type { HostParts } from "./host-parts.ts";
import type { HostCall, JobAnswer } from "./host-request.ts";
import { declaredOutputs, jobOutputs } from "./job-outputs.ts";
import type { KeyedRequest } from "./keyed-request.ts";
import { LiveCall } from "./live-calls.ts";

/** The phases that an answer may have. */
const ends: ReadonlySet<string> = new Set(Object.keys(phaseNumbers).filter((phase) => isTerminal(phase as Phase)));

/** Calls a connector that answers at once. Never rejects for what the connector does: its phase says what came of it. */
export async function callSync(
  parts: HostParts,
  connector: SyncConnector,
  request: KeyedRequest,
  { signal, deadlineMs }: HostCall,
): Promise<JobAnswer> {
  const declared = declaredOutputs(request.template);
  const call = new LiveCall();
  const onAbort = (): void => parts.calls.end(call, new FlyteError("Cancelled", "the caller is gone"));
  signal?.addEventListener("abort", onAbort, { once: true });
  const { callMs, deadlineShare } = parts.limits;
  const ms = deadlineMs === undefined ? callMs : Math.round(deadlineMs * Math.max(deadlineShare, 0.9));
  let repeatable = true;
  try {
    return await parts.calls.run(ms, `${connector.name}.do`, call, async () => {
      const { context } = createContext(parts, request, call);
      repeatable = isRepeatable(connector, context);
      const resource = checkedResource(connector.name, await connector.do(context), "InvalidDefinition", ends);
      const { phase, message = "", logLinks = [], outputs, customInfo } = resource;
      const answer: JobAnswer = { phase, message, logLinks, customInfo: customInfoOf(customInfo, parts.log) };
      if (phase !== "SUCCEEDED") return clean(parts, answer);
      const found = await jobOutputs(parts, declared, outputs, request.outputPrefix, call.signal);
      return clean(parts, found === undefined ? answer : { ...answer, outputs: found.literals });
    });
  } catch (thrown) {
    const { kind, error } = faultOf(thrown, call.ended);
    const { category, task, metadata } = request;
    const { execution, node } = metadata;
    const fields = { code: error.code, type: category.name, task: task?.name, execution, node };
    parts.log.info(`${connector.name} failed: ${error.message}`, fields);
    const isDone = kind === "final" || kind === "missing";
    if (isDone || repeatable || !call.ended) {
      return clean(parts, { phase: isDone ? "FAILED" : "RETRYABLE_FAILED", message: error.message, logLinks: [] });
    }
    const message = `${error.message}; it may have been done, so no other attempt is made`;
    return clean(parts, { phase: "FAILED", message, logLinks: [] });
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

function clean({ keeper }: HostParts, answer: JobAnswer): JobAnswer {
  if (keeper.empty) return answer;
  const { outputs, ...rest } = answer;
  return { ...(keeper.redactValue(rest) as typeof rest), outputs };
}
