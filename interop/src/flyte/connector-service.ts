import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkout } from "../task-files.ts";
import { Cluster } from "./cluster.ts";
import type { Inside } from "./inside.ts";
import type { GivenCluster } from "./set-up-cluster.ts";

/** What the service is started with. */
export interface ConnectorServiceOptions {
  /** By their names; none: those that the project in `directory` is and depends on. */
  readonly plugins?: readonly string[];
  /** Where it is started; the checkout, unless given. */
  readonly directory?: string;
  readonly env: Readonly<Record<string, string>>;
  /** A folder for its log and process id. */
  readonly folder: string;
}

/** `flyte-ts serve connector`, where the cluster's propeller looks for connectors. */
export class ConnectorService {
  readonly #cluster: Cluster;
  readonly #inside: Inside;
  readonly #options: ConnectorServiceOptions;
  readonly #pidFile: string;
  readonly log: string;

  constructor(given: GivenCluster, inside: Inside, options: ConnectorServiceOptions) {
    this.#cluster = new Cluster(given.folder, { ...process.env, ...given.env, ...options.env });
    this.#inside = inside;
    this.#options = options;
    this.#pidFile = join(options.folder, "connector.pid");
    this.log = join(options.folder, "connector.log");
  }

  /** The service's process; with `supervise`, that of its supervisor. */
  async pid(): Promise<number> {
    return Number(await readFile(this.#pidFile, "utf8"));
  }

  /** Starts it as operators do: before propeller, which asks for its task types. */
  async startBeforePropeller(): Promise<void> {
    await this.#cluster.connector("sh", "-c", `echo $$ >'${this.#pidFile}'; exec "$@"`, "sh", ...this.#command());
  }

  /** Starts it on its port while propeller runs. */
  async start(options: { readonly supervise?: boolean } = {}): Promise<void> {
    const port = Number(await this.#inside.ask("variable", { name: "FLYTE_CONNECTOR_PORT" }));
    const command = this.#command(options.supervise === true ? ["--supervise"] : []);
    const { pid } = await this.#inside.ask("start", { command, env: this.#options.env, port, log: this.log });
    await writeFile(this.#pidFile, String(pid));
  }

  /** Kills it in the middle of whatever it does. */
  async kill(): Promise<void> {
    await this.#inside.ask("kill", { pid: await this.pid(), signal: "SIGKILL" });
  }

  /** Kills what a supervisor has started. */
  async killChild(): Promise<void> {
    const [child] = await this.#inside.ask("children", { pid: await this.pid() });
    if (child === undefined) throw new Error("the supervisor has started nothing");
    await this.#inside.ask("kill", { pid: child, signal: "SIGKILL" });
  }

  #command(flags: readonly string[] = []): string[] {
    const serve = ["serve", "connector", "--host", "127.0.0.1", "--no-metrics", "--log-level", "debug", ...flags];
    const program = [process.execPath, join(checkout, "node_modules/.bin/flyte-ts")];
    const { plugins = [], directory = checkout, env } = this.#options;
    const named = plugins.flatMap((name) => ["--plugin", name]);
    // Here once more, since the cluster has addresses of its own in the environment.
    const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const script = `cd "$0" && exec env "$@" --port "$FLYTE_CONNECTOR_PORT"`;
    return ["sh", "-c", script, directory, ...settings, ...program, ...serve, ...named];
  }
}
