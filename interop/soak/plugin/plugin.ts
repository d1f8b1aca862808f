/** A plugin for the soak tests: its connector's vendor is the HTTP server that `SOAK_VENDOR` names. */
import { type AsyncConnector, definePlugin, FlyteError, type Phase } from "@flyte-ts/core/plugin";

interface Meta {
  readonly id: string;
}

const vendor = process.env.SOAK_VENDOR ?? "";
const isMeta = (value: unknown): value is Meta => typeof (value as Partial<Meta> | null)?.id === "string";

/** Asks the vendor; what passes is told apart from what does not. */
async function ask(method: string, path: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(`${vendor}${path}`, { method, signal }).catch((cause: unknown) => {
    throw new FlyteError("Unavailable", "the vendor does not answer", { cause });
  });
  if (response.status === 429) {
    const seconds = Number(response.headers.get("retry-after") ?? 0);
    throw new FlyteError("Throttled", "the vendor is busy", { retryAfterMs: seconds * 1000 });
  }
  if (response.status >= 500) throw new FlyteError("Unavailable", `the vendor has a fault: ${response.status}`);
  return response;
}

const phases: Readonly<Record<string, Phase>> = { running: "RUNNING", done: "SUCCEEDED", cancelled: "ABORTED" };

const connector: AsyncConnector<Meta> = {
  name: "Soak",
  meta: {
    version: 1,
    schema: {
      "~standard": {
        version: 1,
        vendor: "soak",
        validate: (value) => (isMeta(value) ? { value } : { issues: [{ message: "there is no id" }] }),
      },
    },
  },
  requestsPerSecond: 100_000,
  async create({ idempotencyKey, signal }) {
    const id = `job-${idempotencyKey.slice(0, 24)}`;
    // 409: an earlier call of this attempt has made it
    await (await ask("POST", `/jobs/${id}`, signal)).arrayBuffer();
    return { id };
  },
  async get({ meta: { id }, signal }) {
    const response = await ask("GET", `/jobs/${id}`, signal);
    if (response.status === 404) throw new FlyteError("NotFound", `the vendor has no job ${id}`);
    const { state } = (await response.json()) as { readonly state: string };
    return { phase: phases[state] ?? "RUNNING" };
  },
  async delete({ meta: { id }, signal }) {
    await (await ask("DELETE", `/jobs/${id}`, signal)).arrayBuffer();
  },
};

// biome-ignore lint/style/noDefaultExport: a manifest is its module's default export
export default definePlugin({
  specVersion: 1,
  name: "@flyte-ts/soak-plugin",
  version: "0.0.0",
  provides: { connectors: { soak: async () => connector } },
});
