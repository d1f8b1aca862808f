/** The part of seek-bzip that is used here; the package brings no types. */
declare module "seek-bzip" {
  /** Bytes to decode, one after another. */
  interface Input {
    readByte(): number;
    read(target: Uint8Array, offset: number, length: number): number;
    eof(): boolean;
  }
  const bunzip: {
    /** Decodes all of `input`; throws at the first block whose checksum is wrong. `multistream`: files joined end to end. */
    decode(input: Input, output: { writeByte(byte: number): void }, multistream: boolean): void;
  };
  export = bunzip;
}
