/**
 * The table that describes a batch in a decoder's memory: one entry for each node and each buffer.
 *
 *     entry   ┌──────┬─────────┬───────┬─────┐    four u32
 *             │ kind │ address │ bytes │ aux │
 *             └──────┴─────────┴───────┴─────┘
 *     node     0      -         rows    NULLs
 *     plain    1      bytes     bytes   -
 *     zeros    2      -         bytes   -
 *     hex      3      ids       of their text, which is twice the binary ids
 *     run      4      column    of its values, each as often as it has rows
 *     offsets  5      bytes     bytes
 *     times    6      bytes     bytes
 *
 * 1. Nodes come depth first, as Arrow orders the fields; each is followed by its own buffers.
 * 2. A buffer of 0 bytes is empty, or an absent validity bitmap; its address has no meaning.
 */
import { invariant } from '../../shared/invariant.ts';

export const entryKind = {
  ...{ node: 0, plain: 1, zeros: 2, hex: 3, run: 4 },
  ...{ offsets: 5, times: 6 },
} as const;

export interface CutEntry {
  /** Address of the entry itself. */
  readonly entry: number;
  readonly kind: number;
  readonly address: number;
  readonly bytes: number;
  readonly aux: number;
}

const entryBytes = 16;

/** Returns a copy of the table, which stays valid while the decoder's memory grows. */
export function readCutTable(memory: ArrayBufferLike, table: number, count: number): CutEntry[] {
  const words = new Uint32Array(memory, table, (count * entryBytes) / 4);
  return Array.from({ length: count }, (_, index) => {
    const [kind, address, bytes, aux] = words.subarray(index * 4, index * 4 + 4);
    invariant(kind !== undefined && kind <= entryKind.times, 'a cut entry has a kind');
    const entry = table + index * entryBytes;
    return { entry, kind, address: address!, bytes: bytes!, aux: aux! };
  });
}
