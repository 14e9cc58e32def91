/**
 * Lays the buffers of a batch out as the body of an Arrow RecordBatch, in the decoder's memory.
 *
 *     body    ┌──────────┬───┬──────────┬───┬────────     each buffer starts at a multiple of 8,
 *             │ buffer 0 │ 0 │ buffer 1 │ 0 │   …         with zeros up to there
 *             └──────────┴───┴──────────┴───┴────────
 *     buffer  as it is    ┌───────────────────────────┐   compression none
 *                         │ bytes                     │
 *                         └───────────────────────────┘
 *             compressed  ┌──────────────┬────────────┐   the prefix is an i64, little-endian:
 *                         │ bytes inside │ zstd frame │   what the frame stands for
 *                         └──────────────┴────────────┘
 *             kept raw    ┌──────────────┬────────────┐   where a frame is not smaller, or saves
 *                         │ -1           │ bytes      │   too little for the time it takes
 *                         └──────────────┴────────────┘
 *
 * 1. A buffer of no bytes takes none, not even a prefix.
 * 2. The body is one range of the memory, so that it can be written to disk as it lies.
 */
import type { Compress } from '../../shared/compress.ts';
import {
  compressBytesMin,
  compressionPrefixBytes,
  writeFramePrefix,
  writeKeptRawPrefix,
} from '../../shared/compressed-buffer.ts';
import { invariant } from '../../shared/invariant.ts';
import type { BatchSource } from './batch-source.ts';
import type { BodyRegion } from './body-region.ts';
import { type CutEntry, entryKind } from './cut-table.ts';

const alignmentBytes = 8;
/** Room for what `materialise` may overwrite behind an entry, and for the padding. */
const slackBytes = 32 + alignmentBytes;

/**
 * If a hand-made frame takes more than this fraction (one part in 32) of the content, the
 * compressor may do better.
 */
const goodRatio = 32;

export class BodyWriter {
  /** Two numbers for each buffer written: its offset in the body and its bytes. */
  readonly buffers: number[] = [];
  readonly #source: BatchSource;
  readonly #region: BodyRegion;
  readonly #compress: Compress | undefined;
  #bodyBytes = 0;

  /** Begins a new body in `region`. Without `compress` the buffers are written as they are. */
  constructor(source: BatchSource, region: BodyRegion, compress: Compress | undefined) {
    this.#source = source;
    this.#region = region;
    this.#compress = compress;
    region.begin();
  }

  write(entry: CutEntry): void {
    const bytes = entry.bytes === 0 ? 0 : this.#writeBuffer(entry);
    this.buffers.push(this.#bodyBytes, bytes);
    const end = this.#bodyBytes + bytes;
    this.#bodyBytes = Math.ceil(end / alignmentBytes) * alignmentBytes;
    const address = this.#region.reserve(end, alignmentBytes);
    this.#memory().fill(0, address + end, address + this.#bodyBytes);
  }

  /** Returns the body, a view of the region. It is valid until another body is begun there. */
  end(): Uint8Array {
    const address = this.#region.reserve(this.#bodyBytes, 0);
    this.#region.end(this.#bodyBytes);
    return this.#memory().subarray(address, address + this.#bodyBytes);
  }

  /**
   * Returns the address behind the body, with room for `bytes` bytes: of the next buffer, or of
   * something else.
   */
  reserve(bytes: number): number {
    return this.#region.reserve(this.#bodyBytes, bytes + slackBytes) + this.#bodyBytes;
  }

  #writeBuffer(entry: CutEntry): number {
    if (this.#compress !== undefined) return this.#writeCompressed(entry, this.#compress);
    this.#source.materialise(this.reserve(entry.bytes), entry.entry);
    return entry.bytes;
  }

  #writeCompressed(entry: CutEntry, compress: Compress): number {
    const frameBytes = this.#writeFrame(entry, compress);
    const isSmaller = frameBytes < entry.bytes;
    const contentBytes = isSmaller ? frameBytes : entry.bytes;
    // If there is a frame, this reserves no more room, so the frame stays where it is.
    const target = this.reserve(compressionPrefixBytes + contentBytes);
    if (!isSmaller) this.#source.materialise(target + compressionPrefixBytes, entry.entry);
    const memory = new DataView(this.#source.memory.buffer);
    if (isSmaller) writeFramePrefix(memory, target, entry.bytes);
    else writeKeptRawPrefix(memory, target);
    return compressionPrefixBytes + contentBytes;
  }

  /**
   * Writes the frame behind its prefix and returns its bytes. If these are not fewer than the
   * entry's bytes, the caller ignores the frame.
   */
  #writeFrame(entry: CutEntry, compress: Compress): number {
    const { kind, address, bytes } = entry;
    if (kind === entryKind.plain) return this.#writeNativeFrame(entry, compress, bytes);
    if (kind === entryKind.run) return this.#writeRunFrame(entry, compress);
    const content = this.#reserveContent(this.#source.zstdBound(bytes));
    if (kind === entryKind.zeros) return this.#source.zstdZeros(content, bytes);
    if (kind === entryKind.hex) return this.#source.zstdHex(content, address, bytes / 2);
    const isOffsets = kind === entryKind.offsets;
    const frameBytes = isOffsets
      ? this.#source.zstdOffsets(content, address, bytes)
      : this.#source.zstdTimes(content, address, bytes);
    return frameBytes > 0 ? frameBytes : this.#writeNativeFrame(entry, compress, bytes);
  }

  /**
   * Writes the frame of a run column without the compressor. If the runs are short and their values
   * differ, it tries the compressor too and keeps the smaller frame.
   */
  #writeRunFrame(entry: CutEntry, compress: Compress): number {
    const handMadeBytes = this.#writeHandMadeRun(entry);
    if (handMadeBytes * goodRatio <= entry.bytes) return handMadeBytes;
    const nativeBytes = this.#writeNativeFrame(entry, compress, handMadeBytes);
    return nativeBytes < handMadeBytes ? nativeBytes : this.#writeHandMadeRun(entry);
  }

  #writeHandMadeRun({ address, bytes }: CutEntry): number {
    const content = this.#reserveContent(this.#source.zstdRunBound(address, bytes));
    const frameBytes = this.#source.zstdRun(content, address, bytes);
    invariant(frameBytes > 0, 'the runs of a column make up its bytes');
    return frameBytes;
  }

  /**
   * Compresses the entry and writes the frame if it is smaller than `bytesMax`. Returns the frame's
   * bytes in any case.
   */
  #writeNativeFrame(entry: CutEntry, compress: Compress, bytesMax: number): number {
    if (entry.bytes < compressBytesMin) return entry.bytes;
    const content = this.#reserveContent(entry.bytes);
    const isRun = entry.kind === entryKind.run;
    if (isRun) this.#source.materialise(content, entry.entry);
    const address = isRun ? content : entry.address;
    const frame = compress(this.#memory().subarray(address, address + entry.bytes));
    if (frame.byteLength < bytesMax) this.#memory().set(frame, content);
    return frame.byteLength;
  }

  /** Returns where a frame of at most `bytes` bytes goes, behind its prefix. */
  #reserveContent(bytes: number): number {
    return this.reserve(compressionPrefixBytes + bytes) + compressionPrefixBytes;
  }

  /** Returns a new view for each use, because the memory may have grown. */
  #memory(): Uint8Array {
    return new Uint8Array(this.#source.memory.buffer);
  }
}
