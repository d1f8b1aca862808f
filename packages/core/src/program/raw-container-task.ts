import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
  type Container,
  type DataLoadingConfig,
  DataLoadingConfigSchema,
  IOStrategy_DownloadMode as DownloadMode,
  DataLoadingConfig_LiteralMapFormat as MapFormat,
  IOStrategy_UploadMode as UploadMode,
} from "@flyte-ts/idl/core";
import type { TaskContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { Call, Natives } from "../graph/call.ts";
import { defined } from "../graph/defined.ts";
import type { CallArguments } from "../graph/entity.ts";
import type { NodeBehaviour } from "../graph/node-behaviour.ts";
import {
  type ContainerOptions,
  checkContainerOptions,
  containerMessage,
  type HasContainer,
  withContainer,
} from "../task/container-options.ts";
import { TypedTask } from "../task/typed-task.ts";
import type { AnyType, Types } from "../types/type-transformer.ts";
import type { LiteralMap, TaskTemplate } from "../wire/messages.ts";
import type { SerializationSettings } from "../wire/serialization-settings.ts";
import { runContainer } from "./container-engine.ts";
import { type InputsFormat, readOutputs, writeInputs } from "./copilot-files.ts";
import { isText, literalJson, plainText } from "./copilot-text.ts";

/** What defines a task in any image. */
export interface ContainerTaskDefinition<Inputs extends Types, Outputs extends Types> extends ContainerOptions {
  /** The task's name, unique in its project. */
  readonly name: string;
  readonly image: string;
  /** What runs, in the place of the image's own entrypoint. `{{.inputs.name}}` is an input's value. */
  readonly command: readonly string[];
  /** More arguments, in the place of the image's own. */
  readonly args?: readonly string[];
  readonly inputs?: Inputs;
  /** Simple values, files and folders: the container writes each to a file of its name in `outputPath`. */
  readonly outputs?: Outputs;
  /** Where the inputs lie, a file for each; `/var/flyte/inputs` unless a cluster is set up otherwise. */
  readonly inputPath?: string;
  /** Where the outputs are written to; `/var/flyte/outputs` unless a cluster is set up otherwise. */
  readonly outputPath?: string;
  /** What `inputs.json`, `inputs.yaml` or `inputs.pb` beside the inputs' own files is written as; `json` by default. */
  readonly inputsFormat?: InputsFormat;
  /** `false` for a container without files: its inputs are in its arguments alone, and it has no outputs. */
  readonly copilot?: boolean;
  /** When the inputs are fetched and the outputs are stored; as the cluster does by default. */
  readonly download?: "eager" | "stream" | "never";
  readonly upload?: "on-exit" | "eager" | "never";
}

const formats = { json: MapFormat.JSON, yaml: MapFormat.YAML, proto: MapFormat.PROTO } as const;
const downloads = {
  eager: DownloadMode.DOWNLOAD_EAGER,
  stream: DownloadMode.DOWNLOAD_STREAM,
  never: DownloadMode.DO_NOT_DOWNLOAD,
} as const;
const uploads = {
  "on-exit": UploadMode.UPLOAD_ON_EXIT,
  eager: UploadMode.UPLOAD_EAGER,
  never: UploadMode.DO_NOT_UPLOAD,
} as const;

/** An input in an argument, as propeller finds it. */
const placeholder = /\{\{\s*[.$]inputs\.([^}\s]+)\s*\}\}/gi;

/** The call signature, which the class's instances have. */
export interface RawContainerTask<Inputs extends Types, Outputs extends Types> {
  (...args: CallArguments<Inputs>): Call<Outputs, Natives<Outputs>>;
}

/**
 * A task that is any program in any image; `containerTask(…)` makes one. Task type `raw-container`: the platform's
 * co-pilot brings the inputs as files and takes the outputs, so that the image needs to know nothing of Flyte.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds the call signature that Entity provides
export class RawContainerTask<Inputs extends Types, Outputs extends Types>
  extends TypedTask<Inputs, Outputs, Natives<Outputs>>
  implements HasContainer
{
  readonly container: ContainerTaskDefinition<Inputs, Outputs>;

  constructor(definition: ContainerTaskDefinition<Inputs, Outputs>) {
    const { name, inputs = {} as Inputs, outputs = {} as Outputs } = definition;
    super("raw-container", { name, inputs, outputs, unwrapped: false }, definition);
    this.container = definition;
    checkContainerOptions(name, definition);
    checkContainer(definition);
  }

  containerMessage(settings: SerializationSettings): Container {
    const { image, command, args = [] } = this.container;
    return containerMessage(this.container, {
      image,
      command,
      args,
      environment: settings.environment,
      ...(this.container.copilot === false ? {} : { dataConfig: this.#dataConfig() }),
    });
  }

  override template(settings: SerializationSettings): TaskTemplate {
    return withContainer(super.template(settings), this.containerMessage(settings), this.container);
  }

  #dataConfig(): DataLoadingConfig {
    const { inputPath = "", outputPath = "", inputsFormat = "json", download, upload } = this.container;
    const strategy = {
      ...(download === undefined ? {} : { downloadMode: downloads[download] }),
      ...(upload === undefined ? {} : { uploadMode: uploads[upload] }),
    };
    return create(DataLoadingConfigSchema, {
      enabled: true,
      inputPath,
      outputPath,
      format: formats[inputsFormat],
      ...(download === undefined && upload === undefined ? {} : { ioStrategy: strategy }),
    });
  }

  override get asNode(): NodeBehaviour {
    const behaviour = super.asNode;
    return {
      ...behaviour,
      run: (node, inputs, run) => {
        const image = node.overrides?.containerImage;
        if (image === undefined) return behaviour.run(node, inputs, run);
        return new RawContainerTask({ ...this.container, image }).asNode.run({ ...node, overrides: {} }, inputs, run);
      },
    };
  }

  /** Runs here in docker or podman, with the files that co-pilot would bring and take. */
  async dispatchExecute(context: TaskContext, literals: LiteralMap): Promise<LiteralMap> {
    const { image, command, args = [], environment = {} } = this.container;
    const {
      inputPath = "/var/flyte/inputs",
      outputPath = "/var/flyte/outputs",
      inputsFormat = "json",
    } = this.container;
    const inputs = join(context.workingDirectory, "inputs");
    const outputs = join(context.workingDirectory, "outputs");
    const files = this.container.copilot !== false;
    if (files) await writeInputs(inputs, inputPath, literals, inputsFormat, context);
    await mkdir(outputs, { recursive: true });
    const filled = (text: string): string =>
      text.replaceAll(placeholder, (_, name: string) => {
        const literal = literals.literals[name];
        return literal === undefined ? "" : plainText(literalJson(literal, (uri) => uri));
      });
    await runContainer({
      task: this.name,
      image,
      command: [...command, ...args].map(filled),
      env: environment,
      mounts: files
        ? [
            { from: inputs, to: inputPath, readOnly: true },
            { from: outputs, to: outputPath, readOnly: false },
          ]
        : [],
      signal: context.signal,
    });
    return readOutputs(this.name, this.outputs, (name) => join(outputs, name), context);
  }
}

function checkContainer<Inputs extends Types, Outputs extends Types>(
  definition: ContainerTaskDefinition<Inputs, Outputs>,
): void {
  const { name, image, command, args = [], inputs = {}, outputs = {}, inputPath, outputPath } = definition;
  const bad = (message: string): FlyteError => new FlyteError("InvalidDefinition", `task ${name}: ${message}`);
  if (definition.copilot === false && Object.keys(outputs).length > 0) {
    throw bad("outputs are declared, but copilot is false, and nothing else takes them");
  }
  if (typeof image !== "string" || image === "") throw bad("image is missing; name the image that it runs in");
  if (command.length + args.length === 0) throw bad("command and args are empty; say what runs in the image");
  const known = Object.keys(inputs).join(", ") || "none";
  for (const text of [...command, ...args]) {
    for (const [, input = ""] of text.matchAll(placeholder)) {
      if (!Object.hasOwn(inputs, input)) throw bad(`"${text}" has the input "${input}"; the inputs are ${known}`);
    }
  }
  for (const [output, { literalType }] of Object.entries<AnyType>(outputs)) {
    if (isText(literalType) || literalType.type.case === "blob") continue;
    throw bad(`the output "${output}" is no simple value, file or folder, and co-pilot takes no other`);
  }
  for (const [option, path] of [["inputPath", inputPath] as const, ["outputPath", outputPath] as const]) {
    if (path === undefined || /^\/[^:]*[^:/]$/.test(path)) continue;
    throw bad(`${option} is "${path}"; it must be an absolute path in the container, without / at its end`);
  }
  if (inputPath !== undefined && inputPath === outputPath) throw bad("inputPath and outputPath are the same");
}

/**
 * A task in any image.
 * @throws FlyteError `InvalidDefinition` that names the task: no image or command, a placeholder that is no input, an
 * output that co-pilot cannot take.
 */
export function containerTask<
  const Inputs extends Types = Record<never, never>,
  const Outputs extends Types = Record<never, never>,
>(definition: ContainerTaskDefinition<Inputs, Outputs>): RawContainerTask<Inputs, Outputs> {
  return defined(() => new RawContainerTask(definition));
}
