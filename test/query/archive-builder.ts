/** Builds an output directory as recorders would leave it, with the real decoder and writer. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BatchEncoder } from '../../src/columns/arrow/batch-encoder.ts';
import { nativeCompress, zstdLevel } from '../../src/columns/arrow/zstd.ts';
import {
  createDecoderMemory,
  openRequestDecoder,
  type RequestDecoder,
} from '../../src/columns/request-decoder.ts';
import { schemaMessage } from '../../src/columns/schema.ts';
import { nativeDecompress } from '../../src/disk/ipc/zstd.ts';
import { sealAsFile } from '../../src/disk/segment/sealed-file.ts';
import { SegmentWriter } from '../../src/disk/segment/segment-writer.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { ArchiveReader } from '../../src/query/archive-reader.ts';
import { toBatchId } from '../../src/shared/batch-id.ts';
import { type Signal, signalNumber } from '../../src/shared/signal.ts';
import { finish } from '../disk/finish.ts';
import { makeFolder } from '../recorder/recorder-process.ts';

const wasm = new URL('../../src/columns/decode/decoder.wasm', import.meta.url);
let decoderModule: WebAssembly.Module | undefined;

export const ownId = '0f8fad5b-d9cb-469f-a165-70867728950e';
export const foreignId = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

/** Noon of a day in 2026, Unix ns. Requests are received from then on, one nanosecond apart. */
export const noon = 1_795_262_400_000_000_000n;

const slackBytes = 16;
const heldBytesMax = 1024 ** 3;

export interface SegmentOptions {
  readonly signal?: Signal;
  readonly recorderId?: string;
  readonly lane?: number;
  readonly compression?: 'zstd' | 'none';
  /** Sealed as a stream or as a file, or not sealed. A staged segment will become a file. */
  readonly form?: 'stream' | 'file' | 'active' | 'staged';
  /**
   * Position of the first request; the others follow. Default: after the last position that was
   * used.
   */
  readonly firstPosition?: bigint;
}

export interface BuiltRequest {
  readonly position: bigint;
  readonly bytes: Uint8Array;
  readonly rows: number;
}

export interface BuiltSegment {
  /** Path relative to the output directory. */
  readonly path: string;
  /** The requests that have rows. */
  readonly requests: readonly BuiltRequest[];
}

export class ArchiveBuilder {
  readonly outputDir: string = makeFolder();
  readonly #decoder: RequestDecoder;
  #number = 0;
  #position = 0n;

  constructor() {
    decoderModule ??= new WebAssembly.Module(readFileSync(wasm));
    this.#decoder = openRequestDecoder(decoderModule, createDecoderMemory());
  }

  get reader(): ArchiveReader {
    const { outputDir } = this;
    return new ArchiveReader({ storage: nodeStorage, outputDir, decompress: nativeDecompress() });
  }

  /** Writes one batch for each list. Requests that are refused or have no rows are left out. */
  segment(batches: readonly (readonly Uint8Array[])[], options: SegmentOptions = {}): BuiltSegment {
    const { signal = 'traces', compression = 'zstd', form = 'stream' } = options;
    const { writer, path } = this.#open(options);
    const encoder = new BatchEncoder(this.#decoder, compression, nativeCompress(zstdLevel));
    if (options.firstPosition !== undefined) this.#position = options.firstPosition - 1n;
    const requests: BuiltRequest[] = [];
    for (const batch of batches) {
      const held = batch.flatMap((bytes) => this.#hold(signal, bytes, options.lane ?? 0) ?? []);
      const [first, last] = [held[0], held.at(-1)];
      if (first === undefined || last === undefined) continue;
      writer.append(encoder.encode(signal), { from: first.position, to: last.position });
      this.#decoder.reset(signalNumber(signal));
      requests.push(...held);
    }
    const staged = path();
    if (form === 'stream' || form === 'file') writer.seal();
    if (form !== 'file') return { path: staged, requests };
    const sealed = finish(sealAsFile(nodeStorage, this.outputDir, staged));
    return { path: sealed ?? '', requests };
  }

  fullPath({ path }: Pick<BuiltSegment, 'path'>): string {
    return join(this.outputDir, path);
  }

  #open(options: SegmentOptions) {
    const { signal = 'traces', lane = 0, recorderId = ownId, form = 'stream' } = options;
    const writer = new SegmentWriter({
      ...{ storage: nodeStorage, outputDir: this.outputDir, signal, lane, recorderId },
      schemaMessage: schemaMessage(signal, { writer: 'otlp-archer test', recorder: recorderId }),
      limits: { segmentBytesMax: 0, segmentAgeMaxMs: 0 },
      isStaged: form === 'file' || form === 'staged',
      nextNumber: () => ++this.#number,
    });
    return { writer, path: () => writer.active?.path ?? '' };
  }

  #hold(signal: Signal, bytes: Uint8Array, lane: number): BuiltRequest | undefined {
    const decoder = this.#decoder;
    const address = decoder.allocate(bytes.length + slackBytes);
    decoder.bytes.set(bytes, address);
    const position = this.#position + 1n;
    const batchId = toBatchId(lane, position);
    const receivedTime = noon + position;
    const { length } = bytes;
    const rows = decoder.decode(
      ...([signalNumber(signal), address, length, receivedTime, batchId, heldBytesMax] as const),
    );
    decoder.free(address);
    if (rows <= 0) return undefined;
    this.#position = position;
    return { position, bytes, rows };
  }
}

/** Returns all items of an iteration. */
export async function gather<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
