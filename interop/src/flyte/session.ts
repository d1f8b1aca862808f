import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Types } from "@flyte-ts/core";
import { afterAll, beforeAll, inject } from "vitest";
import { FlyteClient } from "./client.ts";
import { remoteOutputs } from "./outputs.ts";
import { type Packaged, registerPackaged } from "./packaged.ts";
import { launch, type Registered, register, registerFile, type Serialized } from "./registered.ts";
import type { GivenCluster } from "./set-up-cluster.ts";

/** What the tests of one file work with: the suite's cluster, a client of it, and a folder that goes when they are done. */
export class Session {
  readonly cluster: GivenCluster = inject("cluster");
  #client: FlyteClient | undefined;
  #folder: string | undefined;

  /** To be called once, where the file's tests are declared. */
  constructor() {
    beforeAll(async () => {
      this.#folder = await mkdtemp(join(tmpdir(), "flyte-ts-e2e-"));
      this.#client = new FlyteClient(this.cluster);
    });
    afterAll(async () => {
      await this.client.close();
      await rm(this.folder, { recursive: true, force: true });
    });
  }

  get client(): FlyteClient {
    if (this.#client === undefined) throw new Error("the session begins with the first test");
    return this.#client;
  }

  get folder(): string {
    if (this.#folder === undefined) throw new Error("the session begins with the first test");
    return this.#folder;
  }

  /** Serialises and registers a workflow. */
  register(what: Serialized): Promise<Registered> {
    return register(this.client, this.cluster, this.folder, what);
  }

  /** Serialises and registers all that a file exports; the version. */
  registerFile(what: Omit<Serialized, "workflow">): Promise<string> {
    return registerFile(this.client, this.cluster, this.folder, what);
  }

  /** Packages a workflow's file with its code, and registers the archive. */
  registerPackaged(what: Packaged): Promise<Registered> {
    return registerPackaged(this.client, this.cluster, this.folder, what);
  }

  /** The outputs of an execution as native values. Files and datasets stay in the cluster's store. */
  outputs<Outputs extends Types>(execution: string, types: Outputs): ReturnType<typeof remoteOutputs<Outputs>> {
    return remoteOutputs(this.client, execution, types, this.folder);
  }

  /** Launches a workflow on inputs in protobuf's JSON; the execution's name. */
  launch(workflow: Registered, literals: Readonly<Record<string, object>>): Promise<string> {
    return launch(this.client, this.folder, workflow, literals);
  }
}
