/**
 * The parts that an Arrow IPC file adds to the stream inside it (docs/format/segment.md).
 *
 *     0            8                            end of stream
 *     ┌────────────┬────────────────────────────┬────────────┬──────────────┬────────┐
 *     │ ARROW1 0 0 │ the stream, its end mark   │ Footer, a  │ bytes of the │ ARROW1 │
 *     │ magic      │ included                   │ flatbuffer │ Footer, i32  │        │
 *     └────────────┴────────────────────────────┴────────────┴──────────────┴────────┘
 *
 * 1. The stream has the same bytes as in a stream's own file, 8 bytes further on.
 * 2. The Footer holds the unchanged metadata of the schema message, and a Block for each batch.
 * 3. The Footer's start is aligned like that of a message.
 */
import { readRange } from '../file-range.ts';
import type { OpenFile, Storage } from '../storage.ts';

/** ARROW1 and two zeros, so that messages keep their alignment. */
export const fileMagic: Uint8Array = Uint8Array.of(65, 82, 82, 79, 87, 49, 0, 0);

/** The magic at the end of the file, without the zeros. */
export const endMagic: Uint8Array = fileMagic.subarray(0, 6);

/** Length of the trailer after the Footer: the Footer's length and the magic. */
export const trailerBytes = 4 + endMagic.byteLength;

/** Position of a batch in the file. */
export interface Block {
  readonly offset: number;
  /** Includes the message's prefix and padding. */
  readonly metadataBytes: number;
  readonly bodyBytes: number;
}

/** The fields of the Footer's table by their index. */
export const footerField = { version: 0, schema: 1, dictionaries: 2, recordBatches: 3 } as const;

/** Size of a Block: offset i64, metadata bytes i32, padding, body bytes i64. */
export const blockBytes = 24;

/** Offset of the first message: 0 in a stream, after the magic in a file. */
export function streamStart(storage: Storage, file: OpenFile): number {
  const head = readRange(storage, file, 0, fileMagic.byteLength);
  return Buffer.compare(head, fileMagic) === 0 ? fileMagic.byteLength : 0;
}
