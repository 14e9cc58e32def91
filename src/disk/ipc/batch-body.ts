/** Reads the body of a RecordBatch by buffers, because a whole body may not fit in memory. */
import {
  compressionPrefixBytes,
  keptRawPrefix,
  readCompressionPrefix,
} from '../../shared/compressed-buffer.ts';
import type { Decompress } from '../../shared/decompress.ts';
import { readRange } from '../file-range.ts';
import type { OpenFile, Storage } from '../storage.ts';
import type { BufferPlace } from './batch-header.ts';
import { padded } from './ipc-format.ts';
import type { StreamMessage } from './ipc-reader.ts';

/** Offsets are signed 32-bit numbers, so no column can hold more. */
const columnBytesMax = 2 ** 31 - 1;

export interface BatchBodyOptions {
  readonly storage: Storage;
  readonly file: OpenFile;
  readonly message: StreamMessage;
  readonly buffers: readonly BufferPlace[];
  readonly decompress: Decompress;
}

export class BatchBody {
  readonly #options: BatchBodyOptions;

  constructor(options: BatchBodyOptions) {
    this.#options = options;
  }

  /** Offset of the buffer in the file. */
  fileOffset(index: number): number {
    return this.#options.message.bodyOffset + this.#place(index).offset;
  }

  /** Stored length of the buffer, including its prefix. */
  storedBytes(index: number): number {
    return this.#place(index).bytes;
  }

  /** Returns the content, which must be `bytes` bytes long, or says in one phrase what is wrong. */
  read(index: number, bytes: number): Uint8Array | string {
    const stored = this.#place(index).bytes;
    const isCompressed = this.#options.message.compression === 'zstd' && stored > 0;
    if (bytes > columnBytesMax) return `more than ${columnBytesMax} bytes would belong there`;
    // A writer stores a buffer raw if compression would not make it smaller.
    const own = isCompressed ? stored - compressionPrefixBytes : stored;
    const isLength = isCompressed ? own <= bytes : own === bytes;
    if (!isLength) return `${own} bytes lie where ${bytes} belong`;
    const range = this.#readPadded(index);
    if (typeof range === 'string') return range;
    return isCompressed ? this.#decode(range, bytes) : range;
  }

  /** The stored bytes. The padding after them must exist and be zero. */
  #readPadded(index: number): Uint8Array | string {
    const { storage, file } = this.#options;
    const stored = this.#place(index).bytes;
    const range = readRange(storage, file, this.fileOffset(index), padded(stored));
    if (range.byteLength < padded(stored)) return 'the file has become shorter';
    if (range.subarray(stored).some((byte) => byte !== 0)) return 'the padding is not zero';
    return range.subarray(0, stored);
  }

  #decode(range: Uint8Array, bytes: number): Uint8Array | string {
    const stated = readCompressionPrefix(range);
    if (stated === undefined) return 'the length prefix is cut short';
    const content = range.subarray(compressionPrefixBytes);
    if (stated === keptRawPrefix) {
      if (content.byteLength === bytes) return content;
      return `${content.byteLength} bytes lie where ${bytes} belong`;
    }
    if (stated !== BigInt(bytes)) return `its prefix says ${stated} bytes where ${bytes} belong`;
    return this.#options.decompress(content, bytes) ?? `it does not decompress to ${bytes} bytes`;
  }

  #place(index: number): BufferPlace {
    const place = this.#options.buffers[index];
    if (place === undefined) throw new RangeError('the header has as many buffers as the schema');
    return place;
  }
}

/** Buffers must follow each other, each padded to 8 bytes. Undefined if they do. */
export function bodyLayoutFault(
  buffers: readonly BufferPlace[],
  bodyBytes: number,
): string | undefined {
  let end = 0;
  for (const [index, { offset, bytes }] of buffers.entries()) {
    if (offset !== end) return `buffer ${index} starts at ${offset} of the body and not at ${end}`;
    end = padded(offset + bytes);
    if (end > bodyBytes) return `buffer ${index} ends outside of the body`;
  }
  return end === bodyBytes ? undefined : `the buffers take ${end} of the body's ${bodyBytes} bytes`;
}
