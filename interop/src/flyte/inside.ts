import { join } from "node:path";
import type { EmulatorName } from "../emulators/emulator-tools.ts";
import type { EmulatorFix, FaultRule, LoggedRequest } from "../emulators/fault-proxy.ts";
import { LineServer } from "../line-server.ts";
import { Cluster } from "./cluster.ts";
import type { GivenCluster } from "./set-up-cluster.ts";

/** A program that serves. */
export interface ServiceCommand {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where it listens: it has started when this port is open. */
  readonly port: number;
  /** The file that its output is added to. */
  readonly log: string;
}

/** What can be asked of `cluster-side.ts`, by name: the request and its answer. */
export interface Asked {
  readonly emulator: [
    {
      readonly name: EmulatorName;
      readonly fixes: readonly EmulatorFix[];
      readonly env: Readonly<Record<string, string>>;
    },
    { readonly endpoint: string; readonly direct: string },
  ];
  readonly proxy: [{ readonly to: string; readonly fixes: readonly EmulatorFix[] }, { readonly endpoint: string }];
  readonly addFaults: [{ readonly endpoint: string; readonly rules: readonly FaultRule[] }, null];
  readonly clearFaults: [{ readonly endpoint: string }, null];
  readonly requests: [{ readonly endpoint: string }, readonly LoggedRequest[]];
  readonly fetch: [
    {
      readonly url: string;
      readonly method?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    },
    { readonly status: number; readonly body: string },
  ];
  readonly start: [ServiceCommand, { readonly pid: number }];
  /** The processes that a process has started. */
  readonly children: [{ readonly pid: number }, readonly number[]];
  /** A variable of the environment in there, such as one of the cluster's addresses. */
  readonly variable: [{ readonly name: string }, string];
  readonly kill: [{ readonly pid: number; readonly signal: "SIGTERM" | "SIGKILL" }, null];
}

/** The way into the cluster's network, where nothing outside can be reached and nothing is reached from outside. */
export class Inside {
  readonly #server: LineServer;

  constructor({ folder, env }: GivenCluster) {
    const cluster = new Cluster(folder, { ...process.env, ...env });
    this.#server = new LineServer(cluster.inside(process.execPath, join(import.meta.dirname, "cluster-side.ts")));
  }

  /** Asks for one thing; requests are answered one after the other. */
  ask<Name extends keyof Asked>(name: Name, request: Asked[Name][0]): Promise<Asked[Name][1]> {
    return this.#server.ask({ do: name, ...request });
  }

  /** Ends the process inside, and with it all that was started. */
  close(): Promise<void> {
    return this.#server.close();
  }
}
