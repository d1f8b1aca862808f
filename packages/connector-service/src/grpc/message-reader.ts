import { StatusError, status } from "./status.ts";

/** Five bytes: 1 for a compressed message, and its length. */
const headBytes = 5;

/** Takes messages out of a body that comes in pieces. */
export class MessageReader {
  readonly #most: number;
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** How many bytes there have to be until something can be done. */
  #needed = headBytes;

  /** @param most the most bytes of a message. */
  constructor(most: number) {
    this.#most = most;
  }

  /** True in the midst of a message. */
  get within(): boolean {
    return this.#bytes > 0;
  }

  /**
   * The messages that are whole with this piece. They are parts of the pieces, not copies.
   * @throws StatusError for a message that is longer than may be.
   */
  push(piece: Buffer): Message[] {
    const whole: Message[] = [];
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    while (this.#bytes >= this.#needed) {
      const all = this.#joined();
      if (this.#needed === headBytes) {
        const length = all.readUInt32BE(1);
        if (length > this.#most) {
          throw new StatusError(
            status.RESOURCE_EXHAUSTED,
            `a message of ${length} bytes is longer than the ${this.#most} that are taken here`,
          );
        }
        this.#needed = headBytes + length;
        if (this.#bytes < this.#needed) return whole;
      }
      whole.push({ bytes: all.subarray(headBytes, this.#needed), compressed: all[0] !== 0 });
      const rest = all.subarray(this.#needed);
      this.#pieces = rest.length === 0 ? [] : [rest];
      this.#bytes = rest.length;
      this.#needed = headBytes;
    }
    return whole;
  }

  #joined(): Buffer {
    const [first] = this.#pieces;
    const all = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces);
    this.#pieces = [all];
    return all;
  }
}

/** A message as it came. */
export interface Message {
  readonly bytes: Buffer;
  readonly compressed: boolean;
}

/** A message as it goes out. */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(headBytes + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, headBytes);
  return frame;
}
