import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { acceptedEncodings, decompressed } from "./compression.ts";
import { framed, type Message, MessageReader } from "./message-reader.ts";
import { type Status, StatusError, status } from "./status.ts";

const answerHeaders = {
  ":status": 200,
  "content-type": "application/grpc",
  "grpc-accept-encoding": acceptedEncodings,
} as const;
const answerOptions = { waitForTrailers: true } as const;
const okTrailers = { "grpc-status": String(status.OK) } as const;

/** The longest time of a timer, in milliseconds. */
const longestTimer = 2 ** 31 - 1;

/** A call of a client: its stream of HTTP/2, as gRPC has it. */
export class GrpcCall {
  /** `/flyteidl.service.AsyncAgentService/GetTask`. */
  readonly path: string;
  /** Called when the call ends and has no answer: its time is over, its client gone. */
  onCancelled: (() => void) | undefined;
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  readonly #maxMessageBytes: number;
  #deadline: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, maxMessageBytes: number) {
    this.path = headers[":path"] ?? "";
    this.#stream = stream;
    this.#headers = headers;
    this.#maxMessageBytes = maxMessageBytes;
    stream.on("error", ignore);
    stream.on("close", () => this.#cancel());
  }

  /** When the call has to be answered, in milliseconds since the epoch; undefined where the client does not say. */
  get deadline(): number | undefined {
    return this.#deadline;
  }

  /** Ends the call when its time is over. @throws StatusError for a timeout that is none. */
  watchDeadline(): void {
    const timeout = this.header("grpc-timeout");
    if (timeout === undefined) return;
    const ms = timeoutMs(timeout);
    this.#deadline = Date.now() + ms;
    const over = (): void => {
      this.fail({ code: status.DEADLINE_EXCEEDED, message: "the call's deadline passed" });
      // behind what the client does not read no status arrives
      if (this.#stream.writableLength > 0) this.#stream.close(constants.NGHTTP2_CANCEL);
      this.onCancelled?.();
    };
    this.#timer = setTimeout(over, Math.min(ms, longestTimer));
  }

  /** A header's first value. */
  header(name: string): string | undefined {
    const value = this.#headers[name];
    return typeof value === "object" ? value[0] : value;
  }

  /**
   * Reads the request of a call that has one message; a call that has another number of them is ended, and so is one where
   * `then` throws.
   */
  readOne(then: (message: Buffer) => void): void {
    const reader = new MessageReader(this.#maxMessageBytes);
    let message: Message | undefined;
    const take = (bytes: Buffer): void => {
      if (this.#ended) return;
      try {
        then(bytes);
      } catch (error) {
        this.refuse(error);
      }
    };
    this.#stream.on("data", (piece: Buffer) => {
      if (this.#ended) return;
      try {
        const whole = reader.push(piece);
        const found = whole.length + (message === undefined ? 0 : 1);
        message ??= whole[0];
        // at once: nothing bounds what a client may send behind it
        if (found > 1 || (found === 1 && reader.within)) this.#refuseNumber("has more");
      } catch (error) {
        this.refuse(error);
      }
    });
    this.#stream.on("end", () => {
      if (this.#ended) return;
      if (message === undefined) this.#refuseNumber(reader.within ? "ends in the midst of one" : "has none");
      else if (!message.compressed) take(message.bytes);
      else this.#unpacked(message).then(take, (error: unknown) => this.refuse(error));
    });
  }

  /**
   * The messages of the request, as they come.
   * @throws StatusError for what is no message; an error when the client goes away.
   */
  async *requests(): AsyncGenerator<Buffer> {
    const reader = new MessageReader(this.#maxMessageBytes);
    // whoever stops early still answers on the stream
    for await (const piece of this.#stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      for (const message of reader.push(piece)) {
        yield message.compressed ? await this.#unpacked(message) : message.bytes;
      }
    }
    if (reader.within) throw new StatusError(status.INTERNAL, "the request ends in the midst of a message");
  }

  /** Answers with one message, and ends the call. */
  answer(message: Uint8Array): void {
    if (!this.#end()) return;
    this.#begin();
    this.#stream.end(framed(message));
  }

  /** Sends a message of several. False: the client is slow, and `drained` tells when to go on. */
  write(message: Uint8Array): boolean {
    if (this.#ended) return true;
    if (!this.#stream.headersSent) this.#begin();
    return this.#stream.write(framed(message));
  }

  /** Resolves when the client has read what was sent, or will not. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      const stream = this.#stream;
      if (!stream.writableNeedDrain || stream.closed) return resolve();
      const done = (): void => {
        stream.off("drain", done).off("close", done);
        resolve();
      };
      stream.once("drain", done).once("close", done);
    });
  }

  /** Ends a call that has been answered with messages. */
  finish(): void {
    if (!this.#end()) return;
    if (!this.#stream.headersSent) this.#begin();
    this.#stream.end();
  }

  /** Ends the call with a status that is not OK. */
  fail({ code, message }: Status): void {
    if (!this.#end()) return;
    const trailers = { "grpc-status": String(code), "grpc-message": headerText(message) };
    if (this.#stream.headersSent) {
      this.#stream.removeListener("wantTrailers", sendOk);
      this.#stream.once("wantTrailers", () => sendTrailers(this.#stream, trailers));
      this.#stream.end();
    } else {
      this.#stream.respond({ ...answerHeaders, ...trailers }, { endStream: true });
      stopReading(this.#stream);
    }
  }

  /** Ends a call whose request is none. */
  refuse(error: unknown): void {
    this.fail(error instanceof StatusError ? error : { code: status.INTERNAL, message: messageOf(error) });
  }

  #refuseNumber(found: string): void {
    this.fail({ code: status.UNIMPLEMENTED, message: `the request must be one message, and ${found}` });
  }

  #begin(): void {
    this.#stream.on("wantTrailers", sendOk);
    this.#stream.respond(answerHeaders, answerOptions);
  }

  /** False where the call has ended before. */
  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    clearTimeout(this.#timer);
    const there = !this.#stream.destroyed && !this.#stream.closed;
    if (!there) stopReading(this.#stream);
    return there;
  }

  #cancel(): void {
    if (this.#ended) return;
    this.#end();
    this.onCancelled?.();
  }

  #unpacked({ bytes }: Message): Promise<Buffer> {
    return decompressed(bytes, this.header("grpc-encoding"), this.#maxMessageBytes);
  }
}

function sendOk(this: ServerHttp2Stream): void {
  sendTrailers(this, okTrailers);
}

function sendTrailers(stream: ServerHttp2Stream, trailers: OutgoingHttpHeaders): void {
  stream.sendTrailers(trailers);
  // behind the trailers
  if (!stream.readableEnded) setImmediate(stopReading, stream);
}

/**
 * Tells a client that is still sending that nobody reads it, and throws away what has come: a stream that holds something
 * unread never closes, nor does its connection.
 */
function stopReading(stream: ServerHttp2Stream): void {
  if (stream.readableEnded || stream.destroyed) return;
  if (!stream.closed) stream.close(constants.NGHTTP2_NO_ERROR);
  stream.removeAllListeners("readable").resume();
}

/** The most characters of a status' message as it is sent. Clients of gRPC take 8 KiB of headers, Node sends 64 KiB. */
const longestText = 7_000;

/** Percent-encodes a message, and shortens one that clients would not take. */
function headerText(message: string): string {
  for (let text = message.slice(0, longestText); ; text = text.slice(0, text.length * 0.9)) {
    const whole = text.length === message.length;
    const encoded = encodeURI((whole ? text : `${text} […]`).toWellFormed());
    if (encoded.length <= longestText) return encoded;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A stream that breaks closes, too. */
function ignore(): void {}

const units: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

function timeoutMs(text: string): number {
  const [, digits, unit = ""] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? [];
  if (digits === undefined) {
    throw new StatusError(
      status.INVALID_ARGUMENT,
      `the header grpc-timeout is "${text}"; it must be up to eight digits with one of the units H, M, S, m, u and n`,
    );
  }
  return Number(digits) * (units[unit] ?? 1);
}
