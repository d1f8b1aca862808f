import { join } from "node:path";
import { LineServer } from "../line-server.ts";
import { python, pythonSettings } from "../python.ts";
import { Cluster } from "./cluster.ts";
import type { GivenCluster } from "./set-up-cluster.ts";

/** An error as Flyte shows it. */
export interface ShownError {
  readonly code: string;
  readonly message: string;
  readonly kind: "UNKNOWN" | "USER" | "SYSTEM";
}

/** Where an execution stands. */
export interface ExecutionState {
  readonly phase: string;
  readonly ended: boolean;
  readonly error: ShownError | null;
}

/** A node of an execution, with the attempts of its task in their order. */
export interface NodeState {
  readonly node: string;
  readonly phase: string;
  readonly attempts: readonly {
    readonly task: string;
    readonly attempt: number;
    readonly phase: string;
    readonly error: ShownError | null;
    /** What the console links to. */
    readonly logs: readonly { readonly name: string; readonly uri: string }[];
  }[];
}

/** A launch plan as Flyte shows it. */
export interface RegisteredLaunchPlan {
  readonly spec: { readonly entityMetadata?: { readonly schedule?: object } };
}

/** A client that runs where the cluster is: flytekit's, see `python/flyte_client.py`, which says what each request does. */
export class FlyteClient {
  readonly #server: LineServer;

  constructor({ folder, env }: GivenCluster) {
    const cluster = new Cluster(folder, { ...process.env, ...pythonSettings, ...env });
    const script = join(import.meta.dirname, "../../python/flyte_client.py");
    this.#server = new LineServer(cluster.inside(python(), script));
  }

  /** Registers what `flyte-ts serialize` wrote into a folder. */
  register = (folder: string): Promise<void> => this.#ask("register", { folder });
  /** Registers all that a folder holds, as much as it can at a time; what Flyte says of each file, null for what it takes. */
  registerAll = (folder: string): Promise<Readonly<Record<string, string | null>>> =>
    this.#ask("register_all", { folder });
  /** A launch plan as it is registered, in protobuf's JSON. */
  launchPlan = (name: string, version: string): Promise<RegisteredLaunchPlan> =>
    this.#ask("launch_plan", { name, version });
  /** Starts a workflow's default launch plan, or another of this name, on the inputs of a file; the execution's name. */
  launch = (workflow: string, version: string, inputs: string): Promise<string> =>
    this.#ask("launch", { workflow, version, inputs });
  state = (execution: string): Promise<ExecutionState> => this.#ask("state", { execution });
  nodes = (execution: string): Promise<readonly NodeState[]> => this.#ask("nodes", { execution });
  /** Writes an execution's outputs into a file. */
  outputs = (execution: string, path: string): Promise<void> => this.#ask("outputs", { execution, path });
  abort = (execution: string, cause: string): Promise<void> => this.#ask("abort", { execution, cause });
  /** Answers a gate with a literal in protobuf's JSON, as soon as it waits. */
  signal = (execution: string, name: string, value: object): Promise<boolean> =>
    this.until(`the gate ${name}`, () => this.#ask<boolean>("signal", { execution, name, value }), Boolean);
  /** Sends a file by a signed URL; its URI. */
  upload = (path: string): Promise<string> => this.#ask("upload", { path });
  download = (uri: string, path: string): Promise<void> => this.#ask("download", { uri, path });
  exists = (uri: string): Promise<boolean> => this.#ask("exists", { uri });
  /** The URIs below a prefix. */
  listed = (prefix: string): Promise<readonly string[]> => this.#ask("listed", { prefix });
  /** Puts a secret where tasks find it, as the cluster's operator does: a group, and values by their keys. */
  putSecret = (name: string, values: Readonly<Record<string, string>>): Promise<void> =>
    this.#ask("put_secret", { name, values });
  /** The exit codes of an execution's containers, by pod. */
  exitCodes = (execution: string): Promise<Readonly<Record<string, number>>> => this.#ask("exit_codes", { execution });

  /** Waits until `settled` finds an answer. @throws Error with the last one after so many seconds. */
  async until<T>(what: string, look: () => Promise<T>, settled: (answer: T) => boolean, seconds = 120): Promise<T> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const answer = await look();
      if (settled(answer)) return answer;
      if (Date.now() > deadline)
        throw new Error(`${what}: not within ${seconds} s; last seen ${JSON.stringify(answer)}`);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }

  /** Waits for the end of an execution. */
  ended(execution: string): Promise<ExecutionState> {
    return this.until(
      `the end of ${execution}`,
      () => this.state(execution),
      ({ ended }) => ended,
    );
  }

  /** Ends the client. */
  close(): Promise<void> {
    return this.#server.close();
  }

  #ask<Answer>(name: string, request: object): Promise<Answer> {
    return this.#server.ask<Answer>({ do: name, ...request });
  }
}
