/** Asks the trace-id filter of a batch whether the batch may contain a trace. */

/** The multipliers of MurmurHash3's 64-bit finalizer. */
const multipliers = [0xff51afd7ed558ccdn, 0xc4ceb9fe1a85ec53n] as const;
const hashCount = 7;

/**
 * Returns false if no row of the batch has this trace id. Returns true if a row may have it; the
 * result is also true for one in a hundred ids that no row has. docs/format/record-batch.md
 * specifies the filter, and columns/decode/batch/trace-filter.ts writes it.
 */
export function mayContainTraceId(filter: Uint8Array, traceIdHex: string): boolean {
  const id = Buffer.from(traceIdHex, 'hex');
  const isId = id.byteLength > 0 && id.byteLength * 2 === traceIdHex.length;
  if (!isId || filter.byteLength === 0) return false;
  const bitCount = filter.byteLength * 8;
  const hash = hash64(id);
  const start = Number(hash & 0xffffffffn);
  const step = Number((hash >> 32n) | 1n);
  for (let i = 0; i < hashCount; i++) {
    const bit = (start + i * step) % bitCount;
    if ((filter[bit >> 3]! & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}

/** Hashes the length, then each little-endian word of 8 bytes; zeros fill up the last word. */
function hash64(bytes: Buffer): bigint {
  const words = Buffer.alloc(Math.ceil(bytes.byteLength / 8) * 8);
  bytes.copy(words);
  let hash = BigInt(bytes.byteLength);
  for (let offset = 0; offset < words.byteLength; offset += 8) {
    hash ^= words.readBigUInt64LE(offset);
    for (const multiplier of multipliers) {
      hash = BigInt.asUintN(64, (hash ^ (hash >> 33n)) * multiplier);
    }
    hash ^= hash >> 33n;
  }
  return hash;
}
