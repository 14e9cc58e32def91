/** The Bloom filter over the distinct trace ids of a batch, see docs/format/record-batch.md. */
import { hash64 } from '../memory/hash64.ts';

/*
 *     trace ids  ┌──────────────┬─────────────────┐    two u32. The ids lie in binary one after
 *                │ data address │ offsets address │    the other; the rows + 1 offsets, u32, count
 *                └──────────────┴─────────────────┘    hex digits. No digits: the row has no id.
 *     target     ┌───────────────────────┬─────────────────────────────┐
 *                │ filter, words of 64   │ table of the distinct hashes │
 *                └───────────────────────┴─────────────────────────────┘
 *                 stays                   scratch
 *
 * 1. The reader is src/shared/trace-filter.ts. Files depend on both, so neither may ever change.
 * 2. The filter has 10 bits for each distinct id, rounded up to whole words of 64 bits.
 * 3. Bit 32 of each hash in the table is set. So the hash is not 0, which marks a free slot, and
 *    its upper half, the step from bit to bit, is odd. The number of bits is a multiple of 64, so
 *    seven odd steps visit no bit twice.
 */

const bitsPerId: u32 = 10;
/**
 * The best count for 10 bits per id, ln 2 x 10. The filter then reports 0.8 % of absent ids as
 * present.
 */
const hashCount = 7;
/** The table is at most half full, so a search visits about two slots. */
const slotsPerId: u32 = 2;
const slotBytes: u32 = 8;
const oddStep: u64 = 1 << 32;

/** Returns how much room the filter and its table need, in bytes. */
export function traceFilterBound(rows: u32): u32 {
  return filterBytes(rows) + slotCount(rows) * slotBytes;
}

/** Builds the filter at `target`. Returns its bytes; 0 if no row has an id. */
export function traceFilter(target: usize, traceIds: usize, rows: u32): u32 {
  const table = target + filterBytes(rows);
  const slots = slotCount(rows);
  memory.fill(table, 0, slots * slotBytes);
  const bytes = filterBytes(addIds(table, slots - 1, traceIds, rows));
  memory.fill(target, 0, bytes);
  const tableEnd = table + slots * slotBytes;
  for (let slot = table; slot < tableEnd; slot += slotBytes) {
    const hash = load<u64>(slot);
    if (hash !== 0) setBits(target, bytes * 8, hash);
  }
  return bytes;
}

function filterBytes(idCount: u32): u32 {
  return ((idCount * bitsPerId + 63) / 64) * 8;
}

/** A power of two: a slot is chosen by the low bits of a hash. */
function slotCount(rows: u32): u32 {
  return 1 << (32 - clz(rows * slotsPerId));
}

/** Puts the hash of each id into the table. Returns how many distinct hashes there are. */
function addIds(table: usize, slotMask: u32, traceIds: usize, rows: u32): u32 {
  const data: usize = load<u32>(traceIds);
  const offsets: usize = load<u32>(traceIds, 4);
  let distinct: u32 = 0;
  let start = load<u32>(offsets) >> 1;
  for (let row: u32 = 1; row <= rows; row++) {
    const end = load<u32>(offsets + ((<usize>row) << 2)) >> 1;
    if (end !== start && addHash(table, slotMask, hash64(data + start, end - start))) distinct++;
    start = end;
  }
  return distinct;
}

/**
 * Adds a hash; returns true if it was new. Two ids with the same hash have the same bits in the
 * filter, so they may count as one.
 */
function addHash(table: usize, slotMask: u32, idHash: u64): bool {
  const hash = idHash | oddStep;
  let index = <u32>hash & slotMask;
  let there = load<u64>(table + index * slotBytes);
  while (there !== 0 && there !== hash) {
    index = (index + 1) & slotMask;
    there = load<u64>(table + index * slotBytes);
  }
  store<u64>(table + index * slotBytes, hash);
  return there === 0;
}

/**
 * Sets the bits (low half + i x high half) mod bitCount. It adds step by step because a division
 * takes longer.
 */
function setBits(filter: usize, bitCount: u32, hash: u64): void {
  const step = <u32>(hash >> 32) % bitCount;
  let bit = <u32>hash % bitCount;
  for (let i = 0; i < hashCount; i++) {
    const byte = filter + (bit >> 3);
    store<u8>(byte, load<u8>(byte) | ((<u8>1) << (<u8>bit & 7)));
    bit += step;
    bit = select(bit - bitCount, bit, bit >= bitCount);
  }
}
