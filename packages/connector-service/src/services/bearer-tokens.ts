import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { FlyteError } from "@flyte-ts/core/plugin";

/** Which tokens a client may show; both kinds together are allowed. */
export interface TokenOptions {
  readonly tokens?: readonly string[] | undefined;
  /** A file of tokens, one a line; read again when it changes, so that tokens can be exchanged without a restart. */
  readonly tokenFile?: string | undefined;
}

/** How often the file is looked at, in milliseconds. */
const recheckMs = 2_000;

/** Checks the `authorization` header of calls. */
export class BearerTokens {
  readonly #given: readonly Buffer[];
  readonly #file: string | undefined;
  readonly #now: () => number;
  #fromFile: readonly Buffer[] = [];
  #modified = -1;
  #lookedAt = 0;

  /** @throws FlyteError `InvalidInput` when there is no token at all, or the file cannot be read. */
  constructor({ tokens = [], tokenFile }: TokenOptions, now: () => number = Date.now) {
    this.#given = tokens
      .map((token) => token.trim())
      .filter((token) => token !== "")
      .map(digest);
    this.#file = tokenFile;
    this.#now = now;
    if (tokenFile !== undefined) this.#read();
    if (this.#given.length + this.#fromFile.length === 0) {
      throw new FlyteError("InvalidInput", `${tokenFile ?? "tokens"}: no token in it; write one a line`);
    }
  }

  /** True for `Bearer <token>` with one of the tokens; as long for a wrong one as for a right one. */
  accepts(authorization: string | undefined): boolean {
    this.#readAgain();
    const [, token = ""] = /^Bearer +(\S+)$/i.exec(authorization ?? "") ?? [];
    const shown = digest(token);
    let found = false;
    for (const known of [...this.#given, ...this.#fromFile]) found = timingSafeEqual(known, shown) || found;
    return found && token !== "";
  }

  #readAgain(): void {
    const now = this.#now();
    if (this.#file === undefined || now - this.#lookedAt < recheckMs) return;
    this.#lookedAt = now;
    try {
      if (statSync(this.#file).mtimeMs !== this.#modified) this.#read();
    } catch {
      // a file that is being exchanged is there again at the next look; until then the tokens are those of before
    }
  }

  #read(): void {
    const file = this.#file ?? "";
    try {
      this.#modified = statSync(file).mtimeMs;
      const lines = readFileSync(file, "utf8").split(/\r?\n/);
      this.#fromFile = lines
        .map((line) => line.trim())
        .filter((line) => line !== "")
        .map(digest);
    } catch (cause) {
      throw new FlyteError("InvalidInput", `the token file ${file} cannot be read: ${(cause as Error).message}`, {
        cause,
      });
    }
  }
}

/** Of one length, whatever the token's: that is what can be compared in constant time. */
const digest = (token: string): Buffer => createHash("sha256").update(token).digest();
