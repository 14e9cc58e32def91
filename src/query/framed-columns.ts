/** Writes gathered columns as a message of an Arrow IPC stream, compressed or not. */
import { padded } from '../disk/ipc/ipc-format.ts';
import { recordBatchMessage } from '../disk/ipc/ipc-writer.ts';
import type { Compress } from '../shared/compress.ts';
import {
  compressBytesMin,
  compressionPrefixBytes,
  writeFramePrefix,
  writeKeptRawPrefix,
} from '../shared/compressed-buffer.ts';
import type { GatheredColumns } from './selected-columns.ts';

export interface FramedColumns {
  /** The message up to its body, including prefix and padding. */
  readonly message: Uint8Array;
  readonly body: Uint8Array;
}

export function frameColumns(
  { rows, nodes, buffers }: GatheredColumns,
  compress?: Compress,
): FramedColumns {
  const views: Uint8Array[] = [];
  const places: number[] = [];
  let bodyBytes = 0;
  for (const buffer of buffers) {
    const parts = compress && buffer.byteLength > 0 ? compressed(buffer, compress) : [buffer];
    const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
    places.push(bodyBytes, bytes);
    views.push(...parts, new Uint8Array(padded(bytes) - bytes));
    bodyBytes += padded(bytes);
  }
  const body = Buffer.concat(views, bodyBytes);
  const compression = compress ? 'zstd' : 'none';
  const framed = { rows, nodes, buffers: places, compression, body } as const;
  return { message: recordBatchMessage(framed, new Map()), body };
}

function compressed(buffer: Uint8Array, compress: Compress): Uint8Array[] {
  const prefix = new DataView(new ArrayBuffer(compressionPrefixBytes));
  const frame = buffer.byteLength < compressBytesMin ? buffer : compress(buffer);
  const isSmaller = frame.byteLength < buffer.byteLength;
  if (isSmaller) writeFramePrefix(prefix, 0, buffer.byteLength);
  else writeKeptRawPrefix(prefix, 0);
  return [new Uint8Array(prefix.buffer), isSmaller ? frame : buffer];
}
