import { createInterface } from "node:readline/promises";
import {
  type ConversionContext,
  FlyteError,
  type GateHandler,
  nearest,
  typeLabel,
  type WaitingGate,
} from "@flyte-ts/core/plugin";
import { nativeOfText } from "../inputs/native-value.ts";
import { valuePlaceholder } from "../inputs/value-placeholder.ts";

/** Somebody who can be asked. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Called before a question is shown; what it returns is called once it is answered. */
  readonly hold: () => () => void;
}

/** How gates are answered. */
export interface GateAnswersOptions {
  /** Answers by the gates' names, as they were given on the command line. */
  readonly given: ReadonlyMap<string, string>;
  /** Who is asked for the others; nobody without it. */
  readonly terminal?: Terminal | undefined;
  readonly context: ConversionContext;
}

/** What decides at the gates of a run: what the command line says, else whoever sits at the terminal. */
export class GateAnswers implements GateHandler {
  readonly #options: GateAnswersOptions;
  readonly #used = new Set<string>();
  /** Questions come one after another. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: GateAnswersOptions) {
    this.#options = options;
  }

  /** The names of answers that no gate has asked for. */
  get unused(): readonly string[] {
    return [...this.#options.given.keys()].filter((name) => !this.#used.has(name));
  }

  /** @throws FlyteError `InvalidInput` where nobody answers, or the command line's answer is neither yes nor no. */
  approve({ value, ...gate }: WaitingGate & { readonly value: unknown }): Promise<boolean> {
    const shown = JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? `${part}` : part));
    const question = `${gate.name}: may ${shown} pass? (yes or no) `;
    return this.#answer(gate, "yes", question, async (text, place) => {
      if (/^(y|yes|true)$/i.test(text)) return true;
      if (/^(n|no|false)$/i.test(text)) return false;
      throw new FlyteError("InvalidInput", `${place} is "${text}"; it must be yes or no`);
    });
  }

  /** @throws FlyteError `InvalidInput` where nobody answers, or the command line's answer is not of the type. */
  input({ type, ...gate }: Parameters<NonNullable<GateHandler["input"]>>[0]): Promise<unknown> {
    const question = `${gate.name}: which ${typeLabel(type)}? `;
    return this.#answer(gate, valuePlaceholder(type), question, async (text, place) =>
      nativeOfText(type, text, place, this.#options.context),
    );
  }

  async #answer<R>(
    { name, signal }: WaitingGate,
    example: string,
    question: string,
    read: (text: string, place: string) => Promise<R>,
  ): Promise<R> {
    const { given, terminal } = this.#options;
    const text = given.get(name);
    if (text !== undefined) {
      this.#used.add(name);
      return read(text, `--answer ${name}`);
    }
    if (terminal === undefined) {
      const meant = nearest(name, this.unused);
      const hint = meant === undefined ? "" : ` (--answer ${meant} names another)`;
      throw new FlyteError(
        "InvalidInput",
        `gate "${name}" waits for an answer, and nobody can be asked here: say --answer ${name}=${example}${hint}, or run it on a terminal`,
      );
    }
    const mine = this.#last.then(() => asked(terminal, question, signal, (said) => read(said, name)));
    this.#last = mine.catch(() => {});
    return mine;
  }
}

/** Asks until the answer is one. */
async function asked<R>(
  { input, output, hold }: Terminal,
  question: string,
  signal: AbortSignal,
  read: (text: string) => Promise<R>,
): Promise<R> {
  const go = hold();
  // The terminal itself edits the line, and makes a signal of Control-C.
  const lines = createInterface({ input, output, terminal: false });
  const closed = new AbortController();
  lines.once("close", () => closed.abort());
  try {
    for (;;) {
      const text = await lines.question(question, { signal: AbortSignal.any([signal, closed.signal]) });
      try {
        return await read(text.trim());
      } catch (error) {
        if (!FlyteError.is(error)) throw error;
        output.write(`${error.message}\n`);
      }
    }
  } catch (cause) {
    signal.throwIfAborted();
    if (!closed.signal.aborted) throw cause;
    throw new FlyteError("InvalidInput", `nobody answered "${question.trim()}": the input has ended`, { cause });
  } finally {
    lines.close();
    go();
  }
}

/**
 * Answers as the command line gives them, `GATE=VALUE` each.
 * @throws FlyteError `InvalidInput` for one without a gate's name, and for two of one gate.
 */
export function answersOf(command: string, texts: readonly string[]): ReadonlyMap<string, string> {
  const answers = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf("=");
    const name = text.slice(0, Math.max(0, at));
    if (name === "") {
      throw new FlyteError("InvalidInput", `${command}: --answer is "${text}"; it must be GATE=VALUE: publish=yes`);
    }
    if (answers.has(name)) throw new FlyteError("InvalidInput", `${command}: --answer ${name} is given twice`);
    answers.set(name, text.slice(at + 1));
  }
  return answers;
}
