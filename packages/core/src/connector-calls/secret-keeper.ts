import { Secret } from "../connector/secret.ts";
import { FlyteError } from "../errors/flyte-error.ts";

/** Shorter texts are found everywhere, so that taking them out would tell more than it hides. */
const shortest = 4;

/** A line of a longer secret (a key file's, say) counts from this length on. */
const shortestLine = 20;

const shown = "[secret]";

/** Knows texts that must not leave the process, and takes them out of what does. */
export class SecretKeeper {
  /** The secrets themselves; `#texts` has the forms in which they are looked for. */
  readonly #known = new Set<string>();
  readonly #texts = new Set<string>();
  readonly #most: number;
  #pattern: RegExp | undefined;

  /** @param most how many forms of secrets are remembered; the oldest are forgotten beyond that. */
  constructor(most = 4096) {
    this.#most = most;
  }

  get empty(): boolean {
    return this.#texts.size === 0;
  }

  /** Remembers a text, also as it looks in JSON, in a URL and in base64. */
  add(text: string): void {
    if (this.#known.has(text)) return;
    this.#known.add(text);
    const lines = text.split(/\r?\n/).filter((line) => line.length >= shortestLine);
    for (const part of new Set([text, text.trim(), ...lines])) {
      if (part.length >= shortest) for (const form of formsOf(part)) this.#remember(form);
    }
  }

  /** True when a text holds one of the secrets. */
  isIn(text: string): boolean {
    return !this.empty && text.search(this.#found()) !== -1;
  }

  /** The text without the secrets in it. */
  redact(text: string): string {
    return this.empty ? text : text.replace(this.#found(), shown);
  }

  /** A value of plain data without the secrets in it; instances of `Secret` too become their stand-in. */
  redactValue(value: unknown, depth = 0): unknown {
    if (typeof value === "string") return this.redact(value);
    if (typeof value !== "object" || value === null) return value;
    if (Secret.is(value)) return shown;
    if (depth > 20) return "…";
    if (value instanceof Error) return `${value.name}: ${this.redact(value.message)}`;
    if (Array.isArray(value)) return value.map((item) => this.redactValue(item, depth + 1));
    if (value instanceof Date || ArrayBuffer.isView(value)) return value;
    const entries = Object.entries(value).map(([key, item]) => [this.redact(key), this.redactValue(item, depth + 1)]);
    return Object.fromEntries(entries);
  }

  /** The error as it is, or one without the secrets: its message and stack redacted, its cause left out. */
  redactError(error: FlyteError): FlyteError {
    if (this.empty || !this.#isInError(error)) return error;
    const { code, kind, recoverable, wireCode, retryAfterMs, reason } = error;
    const clean = new FlyteError(code, this.redact(error.message), {
      kind,
      recoverable,
      ...(wireCode === undefined ? {} : { wireCode }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(reason === undefined ? {} : { reason }),
    });
    if (error.stack !== undefined) clean.stack = this.redact(error.stack);
    return clean;
  }

  #isInError(error: FlyteError): boolean {
    let at: unknown = error;
    for (let depth = 0; depth < 10 && typeof at === "object" && at !== null; depth += 1) {
      const { message, stack, cause } = at as { message?: unknown; stack?: unknown; cause?: unknown };
      if (this.isIn(`${message}\n${stack}`)) return true;
      // a vendor's error carries the request, its headers included
      if (at !== error && this.isIn(textOf(at))) return true;
      at = cause;
    }
    return typeof at === "string" && this.isIn(at);
  }

  #remember(form: string): void {
    if (this.#texts.has(form)) return;
    this.#texts.add(form);
    this.#pattern = undefined;
    const [oldest] = this.#texts;
    if (this.#texts.size <= this.#most || oldest === undefined) return;
    this.#texts.delete(oldest);
    // one that comes again is learnt again
    this.#known.clear();
  }

  #found(): RegExp {
    this.#pattern ??= new RegExp(
      [...this.#texts]
        .sort((a, b) => b.length - a.length)
        .map((text) => escaped(text))
        .join("|"),
      "g",
    );
    return this.#pattern;
  }
}

/** `RegExp.escape`, which Node 22 has not. */
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

function formsOf(text: string): readonly string[] {
  const base64 = Buffer.from(text).toString("base64");
  return [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text.toWellFormed()),
    base64,
    base64.replace(/=+$/, ""),
  ];
}

function textOf(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    return "";
  }
}
