import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ErrorDocument, FlyteContext, Literal, LiteralMap } from "@flyte-ts/core/plugin";
import { type Environment, type ExecuteContainerOptions, executeContainer } from "../src/index.ts";

/** The folder of the tasks that the tests run. */
export const fixtures: string = fileURLToPath(new URL("fixtures", import.meta.url));

export const integer = (value: bigint): Literal =>
  Literal.create({
    value: { case: "scalar", value: { value: { case: "primitive", value: { value: { case: "integer", value } } } } },
  });

export const text = (value: string): Literal =>
  Literal.create({
    value: {
      case: "scalar",
      value: { value: { case: "primitive", value: { value: { case: "stringValue", value } } } },
    },
  });

/** What `error.pb` says, in its JSON form. */
export interface WrittenError {
  readonly code?: string;
  readonly message?: string;
  readonly kind?: string;
  readonly origin?: string;
  readonly timestamp?: string;
  readonly worker?: string;
}

/** A folder that stands for what a cluster gives a container, removed at the end of a block. */
export class ContainerFolder {
  readonly path: string = mkdtempSync(join(tmpdir(), "flyte-ts-container-"));
  readonly lines: string[] = [];
  readonly printed: string[] = [];

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  at(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  write(name: string, content: string | Uint8Array): string {
    mkdirSync(dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), content);
    return this.at(name);
  }

  inputs(literals: Readonly<Record<string, Literal>>): this {
    this.write("inputs.pb", LiteralMap.encode(LiteralMap.create({ literals })));
    return this;
  }

  /** The arguments for a task of the fixtures. */
  moduleArgs(task: string, more: readonly string[] = []): readonly string[] {
    return [...this.filesArgs(), ...more, "--resolver", "flyte-ts.module", "--", "module", "flow.ts", "entity", task];
  }

  filesArgs(): readonly string[] {
    return [
      "--inputs",
      this.at("inputs.pb"),
      "--output-prefix",
      this.at("0"),
      "--raw-output-data-prefix",
      this.at("raw"),
    ];
  }

  /** Runs a container's command line in this process, in the folder of the fixtures. */
  run(args: readonly string[], env: Environment = {}, options: ExecuteContainerOptions = {}): Promise<number> {
    return executeContainer(args, env, {
      cwd: fixtures,
      context: new FlyteContext(),
      writeLog: (line) => this.lines.push(line),
      print: (line) => this.printed.push(line),
      ...options,
    });
  }

  /** The names of the result's files. */
  get results(): readonly string[] {
    return existsSync(this.at("0")) ? readdirSync(this.at("0")).sort() : [];
  }

  get outputs(): LiteralMap {
    return LiteralMap.decode(readFileSync(this.at("0/outputs.pb")));
  }

  get error(): WrittenError {
    return errorIn(readFileSync(this.at("0/error.pb")));
  }
}

export function errorIn(bytes: Uint8Array): WrittenError {
  const { error } = ErrorDocument.toJson(ErrorDocument.decode(bytes)) as { readonly error?: WrittenError };
  return { kind: "NON_RECOVERABLE", ...error };
}
