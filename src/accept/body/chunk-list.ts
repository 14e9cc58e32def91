/** Collects the chunks of a body without joining them, and bounds their number. */

/** The first chunks are kept without copying; a body of 1,000 spans arrives in about eight. */
const looseCountMax = 16;

/** A chunk costs about 200 bytes beside its content; smaller ones are copied into a block. */
const smallBytesMax = 4096;

/** Size of these blocks: a flood of single bytes then costs no more than other bodies. */
const blockBytes = 16_384;

export class ChunkList {
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #block: Uint8Array = new Uint8Array(0);
  /** Offsets in the block: its free rest, and the start of the part that is not a chunk yet. */
  #blockEnd = 0;
  #blockStart = 0;

  get bytes(): number {
    return this.#bytes;
  }

  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#chunks.length < looseCountMax || chunk.length > smallBytesMax) {
      this.#sealBlock();
      this.#chunks.push(chunk);
    } else {
      this.#copy(chunk);
    }
  }

  /** All chunks so far, in order. */
  take(): readonly Uint8Array[] {
    this.#sealBlock();
    return this.#chunks;
  }

  #copy(chunk: Uint8Array): void {
    if (this.#blockEnd + chunk.length > this.#block.length) {
      this.#sealBlock();
      this.#block = new Uint8Array(blockBytes);
      this.#blockStart = 0;
      this.#blockEnd = 0;
    }
    this.#block.set(chunk, this.#blockEnd);
    this.#blockEnd += chunk.length;
  }

  /** Makes a chunk of the copied bytes; later small chunks use the rest of the block. */
  #sealBlock(): void {
    if (this.#blockEnd === this.#blockStart) return;
    this.#chunks.push(this.#block.subarray(this.#blockStart, this.#blockEnd));
    this.#blockStart = this.#blockEnd;
  }
}
