import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TaskContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { localTaskContext } from "../local/local-context.ts";
import { type PluginManifest, servedSpecVersions } from "../plugin/define-plugin.ts";
import { ShimTask } from "../task/shim-task.ts";
import type { ShimTaskExecutor } from "../task/shim-task-executor.ts";
import { toLiterals } from "../types/conversion.ts";
import { type LiteralMap, TaskTemplate } from "../wire/messages.ts";
import type { ContractTest } from "./contract-test.ts";

/** A run of a task: its template, and native inputs of the types that its interface guesses. */
export interface ShimExecutorRun {
  readonly template: TaskTemplate;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** An executor's task under test. Every case asks for a new one. */
export interface ShimExecutorSubject extends ShimExecutorRun {
  /** Asserts that the outputs, as literals, are those of this run. */
  readonly check: (outputs: LiteralMap, context: TaskContext) => Promise<void>;
  /** Runs that are the user's mistake, by what is wrong; at least one. */
  readonly mistakes: Readonly<Record<string, ShimExecutorRun>>;
  /** Called when the case is over. */
  readonly close?: () => Promise<void>;
}

/** What the suite of `ShimTaskExecutor` needs. */
export interface ShimExecutorContractOptions {
  /** Takes the cases. */
  readonly test: ContractTest;
  /** The plugin's manifest. Every task type in it that has an executor needs a suite of its own. */
  readonly manifest: PluginManifest;
  readonly taskType: string;
  /** Makes the task under test, anew for every case. */
  readonly subject: () => Promise<ShimExecutorSubject>;
}

/** What a case runs tasks with. */
interface CasePlace {
  readonly executor: ShimTaskExecutor;
  /** A context of its own for one run, in a folder that goes away with the case. */
  readonly context: (signal?: AbortSignal) => Promise<TaskContext>;
}

/**
 * What every shim executor does: it is found by its task type, runs from the template alone and leaves it as it is, gives
 * the outputs that are declared, serves several runs at once, heeds the signal, and tells the user's mistakes from the
 * platform's faults.
 */
export function shimExecutorContract({ test, manifest, taskType, subject }: ShimExecutorContractOptions): void {
  const using = (run: (subject: ShimExecutorSubject, place: CasePlace) => Promise<void>) => async () => {
    const made = await subject();
    const folder = await mkdtemp(join(tmpdir(), "flyte-ts-contract-"));
    let contexts = 0;
    const context: CasePlace["context"] = (signal) =>
      localTaskContext({
        task: "contract",
        directory: join(folder, `${contexts++}`),
        ...(signal === undefined ? {} : { signal }),
      });
    try {
      await run(made, { executor: await executorOf(manifest, taskType), context });
    } finally {
      await made.close?.();
      await rm(folder, { recursive: true, force: true });
    }
  };

  test("the manifest says who it is, for a version of the contracts that is served", async () => {
    assert.ok(servedSpecVersions.includes(manifest.specVersion), `specVersion is one of ${servedSpecVersions}`);
    assert.match(manifest.name, /\S/, "name is the package's");
    assert.match(manifest.version, /^\d+\.\d+\.\d+/, "version is the package's");
  });

  test(
    "a task runs from its template, and gives the outputs that this declares",
    using(async ({ template, inputs, check }, { executor, context: newContext }) => {
      const context = await newContext();
      const outputs = await dispatch({ template, inputs }, executor, context);
      const declared = Object.keys(template.interface?.outputs?.variables ?? {});
      assert.deepEqual(Object.keys(outputs.literals).sort(), declared.sort());
      await check(outputs, context);
    }),
  );

  test(
    "template and inputs are left as they are",
    using(async ({ template, inputs }, { executor, context }) => {
      const before = TaskTemplate.encode(template);
      const given = { ...inputs };
      await dispatch({ template, inputs }, executor, await context());
      assert.deepEqual(TaskTemplate.encode(template), before, "the template has not changed");
      assert.deepEqual(inputs, given, "the inputs have not changed");
    }),
  );

  test(
    "runs at the same time do not meet",
    using(async ({ template, inputs, check }, { executor, context: newContext }) => {
      const contexts = await Promise.all([1, 2, 3].map(() => newContext()));
      const runs = contexts.map(async (context) => {
        await check(await dispatch({ template, inputs }, executor, context), context);
      });
      await Promise.all(runs);
    }),
  );

  test(
    "a run whose signal is aborted ends with an error, and writes no outputs",
    using(async ({ template, inputs }, { executor, context: newContext }) => {
      const signal = AbortSignal.abort(new FlyteError("Cancelled", "the contract suite aborts"));
      const context = await newContext(signal);
      await assert.rejects(dispatch({ template, inputs }, executor, context));
      assert.deepEqual(await written(context), []);
    }),
  );

  test(
    "a user's mistake is a FlyteError of kind user that is not recoverable, and writes no outputs",
    using(async ({ mistakes, template, inputs, check }, { executor, context: newContext }) => {
      assert.notDeepEqual(Object.keys(mistakes), [], "the subject has a mistake to make");
      for (const [wrong, run] of Object.entries(mistakes)) {
        const context = await newContext();
        const error = await failure(dispatch(run, executor, context), wrong);
        assert.deepEqual([error.kind, error.recoverable], ["user", false], `${wrong}: ${error.code}, ${error.message}`);
        assert.deepEqual(await written(context), [], wrong);
      }
      const context = await newContext();
      await check(await dispatch({ template, inputs }, executor, context), context);
    }),
  );
}

async function executorOf(manifest: PluginManifest, taskType: string): Promise<ShimTaskExecutor> {
  const load = manifest.provides.executors?.[taskType];
  assert.ok(load !== undefined, `the manifest has an executor for "${taskType}"`);
  return load();
}

async function dispatch(run: ShimExecutorRun, executor: ShimTaskExecutor, context: TaskContext): Promise<LiteralMap> {
  const { template, inputs } = run;
  const variables = Object.entries(template.interface?.inputs?.variables ?? {});
  const types = Object.fromEntries(
    variables.flatMap(([name, { type }]) => (type ? [[name, context.types.guess(type)]] : [])),
  );
  return new ShimTask(template, executor).dispatchExecute(context, await toLiterals(inputs, types, context, "input"));
}

async function failure(promise: Promise<unknown>, wrong: string): Promise<FlyteError> {
  const [settled] = await Promise.allSettled([promise]);
  assert.equal(settled.status, "rejected", `${wrong}: a rejection`);
  const reason: unknown = settled.status === "rejected" ? settled.reason : undefined;
  assert.ok(FlyteError.is(reason), `${wrong}: a FlyteError, not ${String(reason)}`);
  return reason;
}

/** What stands below the raw output prefix. */
async function written({ rawOutputPrefix }: TaskContext): Promise<string[]> {
  try {
    const entries = await readdir(rawOutputPrefix, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  } catch {
    return [];
  }
}
