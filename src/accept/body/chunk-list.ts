/** Gathers the chunks of a body as they come, without joining them, and bounds their number. */

/** So many chunks are kept as they came: a usual body of 1,000 spans comes in some eight. */
const looseCountMax = 16;

/** A chunk of its own costs about 200 bytes beside its content; below this it is copied instead. */
const smallBytesMax = 4096;

/** Small chunks are copied into blocks of this size: a flood of single bytes costs no more. */
const blockBytes = 16_384;

export class ChunkList {
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #block: Uint8Array = new Uint8Array(0);
  /** Where the block's free rest begins, and where its part that is no chunk yet. */
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

  /** What was copied becomes a chunk; the block's rest serves the small chunks that follow. */
  #sealBlock(): void {
    if (this.#blockEnd === this.#blockStart) return;
    this.#chunks.push(this.#block.subarray(this.#blockStart, this.#blockEnd));
    this.#blockStart = this.#blockEnd;
  }
}
