import { FlyteError } from "@flyte-ts/core/plugin";
import type { ObjectPart } from "../objects/object-client.ts";
import { type RestAnswer, type RestRequest, textOf } from "../transfer/rest-request.ts";
import { faultOf, GcsFault } from "./gcs-error.ts";

/** One upload session of Google's, whose parts go one after another. */
export class ResumableUpload {
  readonly #url: URL;
  readonly #send: (request: RestRequest) => Promise<RestAnswer>;
  #uncertain = false;
  #gone = false;

  constructor(url: URL, send: (request: RestRequest) => Promise<RestAnswer>) {
    this.#url = url;
    this.#send = send;
  }

  /** True when the store forgot the upload after an answer to the last part was lost. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Sends a part, or what the store does not have of it after an attempt that failed. */
  async send({ offset, bytes, last }: ObjectPart, signal: AbortSignal | undefined): Promise<void> {
    const end = offset + bytes.byteLength;
    const total = last ? String(end) : "*";
    let at = this.#uncertain ? await this.#kept(total, last, signal) : offset;
    this.#uncertain = true;
    while (at !== undefined && at < end) {
      if (at < offset) {
        throw new FlyteError("Unavailable", `the upload lost bytes that it had: it has ${at} of ${offset}`);
      }
      const range = `bytes ${at}-${end - 1}/${total}`;
      const before: number = at;
      at = await this.#put(range, bytes.subarray(at - offset), signal);
      if (at !== undefined && at <= before) throw new FlyteError("Unavailable", "the upload does not go on");
    }
    this.#uncertain = false;
  }

  /** How many bytes the store has; undefined where it has all, and the object is made or the upload forgotten. */
  async #kept(total: string, last: boolean, signal: AbortSignal | undefined): Promise<number | undefined> {
    try {
      return await this.#put(`bytes */${total}`, new Uint8Array(), signal);
    } catch (error) {
      if (!last || !(error instanceof GcsFault) || (error.status !== 404 && error.status !== 410)) throw error;
      this.#gone = true;
      return undefined;
    }
  }

  async #put(range: string, body: Uint8Array, signal: AbortSignal | undefined): Promise<number | undefined> {
    const headers = { "content-range": range };
    const answer = await this.#send({ method: "PUT", url: this.#url, headers, body, signal });
    if (answer.status === 308) {
      await textOf(answer);
      const kept = /^bytes=0-(\d+)$/.exec(answer.headers.range ?? "")?.[1];
      return kept === undefined ? 0 : Number(kept) + 1;
    }
    if (answer.status !== 200 && answer.status !== 201) throw await faultOf(answer);
    await textOf(answer);
    return undefined;
  }
}
