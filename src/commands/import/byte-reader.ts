/** Takes lines and counted bytes from a stream of chunks, and holds no more than they need. */

/** A stream cannot be read any further: the message is the reason, for people. */
export class UnreadableContent extends Error {}

const lineFeed = 0x0a;

export type Line =
  | { readonly kind: 'line'; readonly bytes: Buffer; readonly isTerminated: boolean }
  | { readonly kind: 'too_long'; readonly byteCount: number };

export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);
  #offset = 0;
  /** The error that ended the stream. The bytes held are read first. */
  #fault: { readonly error: unknown } | undefined;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Offset of the next byte to be taken, from the start of the stream. */
  get offset(): number {
    return this.#offset;
  }

  /** The next bytes, which stay; fewer where the stream ends before. For a few only. */
  async peek(count: number): Promise<Buffer> {
    while (this.#held.length < count) {
      const chunk = await this.#nextChunk().catch((error) => this.#putOff(error));
      if (chunk === undefined) break;
      this.#held = Buffer.concat([this.#held, chunk]);
    }
    return this.#held.subarray(0, count);
  }

  /** The next bytes; fewer where the stream ends before. Takes memory as they come. */
  async take(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let missing = count;
    while (missing > 0 && (await this.#fill())) {
      const part = this.#takeHeld(Math.min(missing, this.#held.length));
      parts.push(part);
      missing -= part.length;
    }
    return join(parts);
  }

  /** The next line without its end; one that is too long is passed over. Undefined at the end. */
  async takeLine(bytesMax: number): Promise<Line | undefined> {
    let parts: Buffer[] = [];
    let byteCount = 0;
    let isTerminated = false;
    while (!isTerminated && (await this.#fill())) {
      const end = this.#held.indexOf(lineFeed);
      isTerminated = end >= 0;
      const part = this.#takeHeld(isTerminated ? end : this.#held.length);
      if (isTerminated) this.#takeHeld(1);
      byteCount += part.length;
      if (byteCount <= bytesMax) parts.push(part);
      else parts = [];
    }
    if (byteCount === 0 && !isTerminated) return undefined;
    if (byteCount > bytesMax) return { kind: 'too_long', byteCount };
    return { kind: 'line', bytes: join(parts), isTerminated };
  }

  /** Skips the zero bytes that come next, and returns their number. */
  async skipZeros(): Promise<number> {
    const start = this.#offset;
    while (await this.#fill()) {
      const found = this.#held.findIndex((byte) => byte !== 0);
      this.#takeHeld(found < 0 ? this.#held.length : found);
      if (found >= 0) break;
    }
    return this.#offset - start;
  }

  /** Leaves the rest of the stream, which closes what it comes from. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** False at the end of the stream. */
  async #fill(): Promise<boolean> {
    while (this.#held.length === 0) {
      const chunk = await this.#nextChunk();
      if (chunk === undefined) return false;
      this.#held = chunk;
    }
    return true;
  }

  /** What is held can still be taken. */
  #putOff(error: unknown): undefined {
    if (this.#held.length === 0) throw error;
    this.#fault = { error };
  }

  #takeHeld(count: number): Buffer {
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    this.#offset += count;
    return taken;
  }

  async #nextChunk(): Promise<Buffer | undefined> {
    if (this.#fault !== undefined) throw this.#fault.error;
    const { done, value } = await this.#chunks.next();
    if (done) return undefined;
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
}

function join(parts: readonly Buffer[]): Buffer {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}
