/**
 * Walks the parts of a zstd frame (RFC 8878) by their headers, without decoding the content.
 *
 *     frame  ┌───────┬────────────┬────────┬──────────┬───┬─────────┬───────┐  magic 28 B5 2F FD
 *            │ magic │ descriptor │ window │ id, size │ … │ block … │ check │
 *            └───────┴────────────┴────────┴──────────┴───┴─────────┴───────┘
 *     block  ┌────────────────────────┬─────────┐  bit 0: last block; bits 1 and 2: type;
 *            │ last, type, size: 3    │ content │  the other 21 bits: size
 *            └────────────────────────┴─────────┘
 */

/** The first four bytes of a frame, read as a little-endian u32. */
export const zstdMagic = 0xfd2fb528;

/** The bound that RFC 8878 sets for the content of a block, before and after decompression. */
export const zstdBlockBytesMax = 128 * 1024;

export const zstdBlockType = { raw: 0, repeated: 1, compressed: 2 } as const;

const magicBytes = 4;
const blockHeaderBytes = 3;
const checksumBytes = 4;

/** Bytes of the frame header's optional fields, by the two bits of each in the descriptor. */
const dictionaryIdBytes = [0, 1, 2, 4] as const;
const contentSizeBytes = [0, 2, 4, 8] as const;

type Part = 'start' | 'header' | 'block header' | 'block' | 'checksum' | 'end';

/**
 * The caller takes `partBytes` bytes of the frame, passes them to `pass`, and repeats this until
 * `partBytes` is 0, which is the end of the frame.
 */
export class ZstdWalk {
  /** Length of the next part, in bytes; 0 at the end of the frame. */
  partBytes = magicBytes + 1;
  #part: Part = 'start';
  #hasChecksum = false;
  #blockType = 0;
  #blockSize = 0;
  #isLastBlock = false;

  /** True if the next part is the content of a block, which the next two getters describe. */
  get isBlock(): boolean {
    return this.#part === 'block';
  }

  /** One of `zstdBlockType`. */
  get blockType(): number {
    return this.#blockType;
  }

  /**
   * The size in the block's header. For a raw or repeated block it is the bytes of the decompressed
   * content; for a compressed block it is the bytes that the block takes in the frame.
   */
  get blockSize(): number {
    return this.#blockSize;
  }

  /**
   * Moves behind the next part, which begins at `offset` of `view`. Returns false if the part
   * cannot belong to a zstd frame. Throws RangeError if the view ends within the bytes that are
   * read. The content of blocks and the checksum are not read, so the caller compares the end
   * itself.
   */
  pass(view: DataView, offset: number): boolean {
    switch (this.#part) {
      case 'start':
        return this.#passStart(view, offset);
      case 'block header':
        return this.#passBlockHeader(view, offset);
      case 'header':
        return this.#expectBlockHeader();
      case 'block':
        return this.#isLastBlock ? this.#expectChecksum() : this.#expectBlockHeader();
      default:
        return this.#expect('end', 0);
    }
  }

  #passStart(view: DataView, offset: number): boolean {
    if (view.getUint32(offset, true) !== zstdMagic) return false;
    const descriptor = view.getUint8(offset + magicBytes);
    this.#hasChecksum = (descriptor & 4) !== 0;
    const bytes = optionalHeaderBytes(descriptor);
    return bytes === 0 ? this.#expectBlockHeader() : this.#expect('header', bytes);
  }

  #passBlockHeader(view: DataView, offset: number): boolean {
    const header = view.getUint16(offset, true) | (view.getUint8(offset + 2) << 16);
    this.#isLastBlock = (header & 1) !== 0;
    this.#blockType = (header >> 1) & 3;
    this.#blockSize = header >> 3;
    const isKnown = this.#blockType <= zstdBlockType.compressed;
    if (!isKnown || this.#blockSize > zstdBlockBytesMax) return false;
    const isRepeated = this.#blockType === zstdBlockType.repeated;
    const storedBytes = isRepeated ? 1 : this.#blockSize;
    this.#expect('block', storedBytes);
    // A raw block may be empty, so it has no part to take.
    return storedBytes > 0 || this.pass(view, offset);
  }

  #expectBlockHeader(): boolean {
    return this.#expect('block header', blockHeaderBytes);
  }

  #expectChecksum(): boolean {
    return this.#hasChecksum ? this.#expect('checksum', checksumBytes) : this.#expect('end', 0);
  }

  #expect(part: Part, bytes: number): boolean {
    this.#part = part;
    this.partBytes = bytes;
    return true;
  }
}

/**
 * Returns the bytes of the window (absent if the content size replaces it), dictionary id and size.
 */
function optionalHeaderBytes(descriptor: number): number {
  const isSingleSegment = (descriptor & 32) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 && isSingleSegment ? 1 : contentSizeBytes[sizeFlag]!;
  return (isSingleSegment ? 0 : 1) + dictionaryIdBytes[descriptor & 3]! + sizeBytes;
}
