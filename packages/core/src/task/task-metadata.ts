import { create } from "@bufbuild/protobuf";
import {
  Secret_MountType as MountType,
  RuntimeMetadata_RuntimeType as RuntimeType,
  type SecurityContext,
  SecurityContextSchema,
  type TaskMetadata,
  TaskMetadataSchema,
} from "@flyte-ts/idl/core";
import { noting, throwProblems } from "../errors/all-problems.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";
import { packageInfo } from "../plugin/package-info.ts";
import { checkObjectMetadata } from "../pod/labels.ts";
import { durationMessage } from "../wire/durations.ts";
import type { Docs } from "./docs.ts";

/** When a task's result is kept and used again. */
export interface CacheOptions {
  /** Changes whenever the task's meaning does. */
  readonly version: string;
  /** Lets equal runs wait for one another. */
  readonly serialize?: boolean;
  /** Inputs that do not count. */
  readonly ignoredInputs?: readonly string[];
}

/** What every task may say about how it is run. */
export interface TaskOptions {
  /** What the task is for. */
  readonly description?: string;
  /** More about the task, for the console. */
  readonly docs?: Docs;
  /** How often a recoverable failure is tried again. 0 by default. */
  readonly retries?: number;
  /** The most that one attempt may take, in milliseconds. No limit by default. */
  readonly timeout?: number;
  /** The cache version, or all of the cache's options. Not cached by default. */
  readonly cache?: string | CacheOptions;
  /** Whether the task may run on machines that can be taken away. The platform decides by default. */
  readonly interruptible?: boolean;
  /** Why nobody should use this task any more. */
  readonly deprecated?: string;
  /** Whether the task shows a deck (`ctx.deck`). */
  readonly deck?: boolean;
  /** The labels and annotations of the Kubernetes objects that the task makes. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What the task is found by; Flyte only stores it. */
  readonly tags?: Readonly<Record<string, string>>;
  /** The name of a `PodTemplate` of the cluster that the task's pods begin with. */
  readonly podTemplateName?: string;
  /** What a plugin's task class reads. */
  readonly config?: object | undefined;
}

/** The names of all that `TaskOptions` has. */
export const taskOptionNames: readonly string[] = Object.keys({
  description: true,
  docs: true,
  retries: true,
  timeout: true,
  cache: true,
  interruptible: true,
  deprecated: true,
  deck: true,
  labels: true,
  annotations: true,
  tags: true,
  podTemplateName: true,
  config: true,
} satisfies Record<keyof TaskOptions, true>);

/** A secret that a task needs; the platform puts it in reach of `ctx.secrets`. */
export interface SecretRequest {
  readonly group?: string;
  readonly key: string;
  readonly version?: string;
  /** How it reaches the container; as a file by default. */
  readonly mount?: "any" | "env" | "file";
  /** The environment variable that holds its value, or its path. */
  readonly envVar?: string;
}

/**
 * How this SDK introduces itself. The version's first part is the flytekit whose contract it keeps: propeller lets only
 * FLYTE_SDK from 1.13.14 on read offloaded literals.
 */
const runtime = {
  type: RuntimeType.FLYTE_SDK,
  version: `1.16.0+flyte-ts.${packageInfo(import.meta.url).version}`,
  flavor: "typescript",
};

/** @throws FlyteError `InvalidDefinition` that names the task and the options, all that are wrong. */
export function checkOptions(task: string, options: TaskOptions, inputs: readonly string[]): void {
  const { retries, timeout, cache, docs, tags = {} } = options;
  const problems: unknown[] = [];
  const bad = (option: string, value: unknown, right: string): void => {
    const message = `task ${task}: ${option} is ${value}; it must be ${right}`;
    problems.push(new FlyteError("InvalidDefinition", message));
  };
  noting(problems, () => checkObjectMetadata(`task ${task}`, options));
  for (const [tag, value] of Object.entries(tags)) {
    if (typeof value !== "string") bad(`tags.${tag}`, shown(value), "a string");
  }
  if (docs?.text !== undefined && docs.url !== undefined) bad("docs.url", `"${docs.url}"`, "left out beside text");
  if (retries !== undefined && !(Number.isInteger(retries) && retries >= 0)) bad("retries", retries, "0 or more");
  if (timeout !== undefined && !(timeout > 0 && Number.isFinite(timeout))) {
    bad("timeout", timeout, "a number of milliseconds above 0");
  }
  const { version, ignoredInputs = [] } = cacheOptions(cache);
  if (cache !== undefined && version === "") bad("cache", '""', "a version that is not empty");
  for (const name of ignoredInputs) {
    if (!inputs.includes(name)) bad("cache.ignoredInputs", `"${name}"`, `one of ${inputs.join(", ")}`);
  }
  throwProblems(problems);
}

function cacheOptions(cache: TaskOptions["cache"]): CacheOptions {
  return typeof cache === "string" ? { version: cache } : (cache ?? { version: "" });
}

/** The wire form of a task's options. */
export function metadataMessage(options: TaskOptions): TaskMetadata {
  const cache = cacheOptions(options.cache);
  const metadata = create(TaskMetadataSchema, {
    runtime,
    retries: { retries: options.retries ?? 0 },
    discoverable: options.cache !== undefined,
    discoveryVersion: cache.version,
    cacheSerializable: cache.serialize ?? false,
    cacheIgnoreInputVars: [...(cache.ignoredInputs ?? [])],
    deprecatedErrorMessage: options.deprecated ?? "",
    generatesDeck: options.deck ?? false,
    metadata: { labels: { ...options.labels }, annotations: { ...options.annotations } },
    tags: { ...options.tags },
    podTemplateName: options.podTemplateName ?? "",
  });
  if (options.timeout !== undefined) metadata.timeout = durationMessage(options.timeout);
  if (options.interruptible !== undefined) {
    metadata.interruptibleValue = { case: "interruptible", value: options.interruptible };
  }
  return metadata;
}

const mounts = { any: MountType.ANY, env: MountType.ENV_VAR, file: MountType.FILE } as const;

/** @throws FlyteError `InvalidDefinition` for a request that names no secret. */
export function checkSecrets(owner: string, secrets: readonly SecretRequest[]): void {
  for (const { group, key, mount, envVar } of secrets) {
    const bad = (message: string): FlyteError => new FlyteError("InvalidDefinition", `${owner}: the secret ${message}`);
    if (typeof key !== "string" || key === "") throw bad(`${shown(key)} of the group ${shown(group)} has no key`);
    if (mount !== undefined && !Object.hasOwn(mounts, mount)) {
      throw bad(`${key} has the mount ${shown(mount)}; it must be any, env or file`);
    }
    if (envVar !== undefined && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(envVar)) {
      throw bad(`${key} has the variable ${shown(envVar)}; it must be letters, digits and _`);
    }
  }
}

/** The wire form of secret requests; undefined when there are none. */
export function securityContext(secrets: readonly SecretRequest[]): SecurityContext | undefined {
  if (secrets.length === 0) return undefined;
  return create(SecurityContextSchema, {
    secrets: secrets.map(({ group = "", key, version = "", mount = "file", envVar }) => ({
      group,
      key,
      groupVersion: version,
      mountRequirement: mounts[mount],
      ...(envVar === undefined ? {} : { envVar }),
    })),
  });
}
