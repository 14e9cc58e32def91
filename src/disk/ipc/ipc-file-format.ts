/**
 * What an Arrow IPC file has beside the stream that lies in it (docs/format/segment.md).
 *
 *     0            8                            end of stream
 *     ┌────────────┬────────────────────────────┬────────────┬──────────────┬────────┐
 *     │ ARROW1 0 0 │ the stream, its end mark   │ Footer, a  │ bytes of the │ ARROW1 │
 *     │ magic      │ included                   │ flatbuffer │ Footer, i32  │        │
 *     └────────────┴────────────────────────────┴────────────┴──────────────┴────────┘
 *
 * 1. The stream is the same bytes as in a stream's own file, 8 bytes further on.
 * 2. The Footer holds the metadata of the schema message as it is, and names each batch by a Block.
 * 3. The Footer's start is aligned like a message's.
 */
import { readRange } from '../file-range.ts';
import type { OpenFile, Storage } from '../storage.ts';

/** ARROW1 and two zeros, so that messages keep their alignment. */
export const fileMagic: Uint8Array = Uint8Array.of(65, 82, 82, 79, 87, 49, 0, 0);

/** The end of the file has it without the zeros. */
export const endMagic: Uint8Array = fileMagic.subarray(0, 6);

/** Behind the Footer: its length and the magic. */
export const trailerBytes = 4 + endMagic.byteLength;

/** Where a batch lies, in the file. */
export interface Block {
  readonly offset: number;
  /** With the message's prefix and padding. */
  readonly metadataBytes: number;
  readonly bodyBytes: number;
}

/** The fields of the Footer's table, by their place. */
export const footerField = { version: 0, schema: 1, dictionaries: 2, recordBatches: 3 } as const;

/** Offset i64, metadata bytes i32 and padding, body bytes i64. */
export const blockBytes = 24;

/** Where the first message lies: 0 in a stream, behind the magic in a file. */
export function streamStart(storage: Storage, file: OpenFile): number {
  const head = readRange(storage, file, 0, fileMagic.byteLength);
  return Buffer.compare(head, fileMagic) === 0 ? fileMagic.byteLength : 0;
}
