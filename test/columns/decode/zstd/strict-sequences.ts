/** Decodes the sequences of a block of zstd (RFC 8878) as far as hand-made frames use them. */
import assert from 'node:assert/strict';
import { BackwardBits, type Cursor } from './strict-bits.ts';

/** The last three distances, the newest first. */
export type Distances = [number, number, number];

/** Base and bits of the codes of literal lengths from 16; smaller codes are the length itself. */
const literalLengths = [
  [16, 1], [18, 1], [20, 1], [22, 1], [24, 2], [28, 2], [32, 3], [40, 3], [48, 4],
] as const; // biome-ignore format: pairs

/** Base and bits of the codes of match lengths from 32. */
const matchLengths = [
  [35, 1], [37, 1], [39, 1], [41, 1], [43, 2], [47, 2], [51, 3], [59, 3], [67, 4], [83, 4], [99, 5],
] as const; // biome-ignore format: pairs

/** Decodes the rest of the block; `distanceMax` is called at the start of each match. */
export function decodeSequences(
  block: Cursor,
  literalBytes: Uint8Array,
  output: Cursor,
  distances: Distances,
  distanceMax: () => number,
): void {
  let used = 0;
  const copyLiterals = (count: number) => {
    assert.ok(used + count <= literalBytes.byteLength, 'the literals are there');
    output.take(count).set(literalBytes.subarray(used, used + count));
    used += count;
  };
  const count = readCount(block);
  if (count > 0) {
    const modes = block.number(1);
    assert.ok(modes === 0x54 || modes === 0x94, 'distances and match lengths have one code');
    const table = modes === 0x94 ? readTable(block) : undefined;
    const singleLength = table === undefined ? block.number(1) : 0;
    const distanceCode = block.number(1);
    const matchCode = block.number(1);
    const bits = new BackwardBits(block.take(block.bytes.byteLength - block.offset));
    let state = table === undefined ? 0 : bits.take(table.log);
    for (let left = count; left > 0; left--) {
      const entry = table?.entries[state];
      const distanceValue = 2 ** distanceCode + bits.take(distanceCode);
      const matchLength = takeValue(bits, matchCode, 32, matchLengths, (code) => code - 36, 3);
      const lengthCode = entry?.symbol ?? singleLength;
      const length = takeValue(bits, lengthCode, 16, literalLengths, (code) => code - 19, 0);
      if (entry !== undefined && left > 1) state = entry.base + bits.take(entry.bits);
      copyLiterals(length);
      const distance = takeDistance(distances, distanceValue, length);
      assert.ok(distance >= 1 && distance <= distanceMax(), 'distance');
      copyMatch(output, distance, matchLength);
    }
    assert.ok(bits.isEmpty, 'the sequences have no other bits');
  }
  copyLiterals(literalBytes.byteLength - used);
}

function readCount(block: Cursor): number {
  const first = block.number(1);
  if (first < 128) return first;
  if (first < 255) return (first - 128) * 256 + block.number(1);
  return block.number(2) + 0x7f00;
}

/**
 * Returns the value of a code: the code plus `least`, or its base and extra bits; from 2^k a power
 * of two.
 */
function takeValue(
  bits: BackwardBits,
  code: number,
  firstBased: number,
  based: readonly (readonly [base: number, bits: number])[],
  powerOf: (code: number) => number,
  least: number,
): number {
  if (code < firstBased) return code + least;
  const [base, extra] = based[code - firstBased] ?? [2 ** powerOf(code) + least, powerOf(code)];
  assert.ok(extra <= 16, 'a code of the format');
  return base + bits.take(extra);
}

/**
 * Accepts new distances and the last one; no other repeated distance, and not the last one after no
 * literals.
 */
function takeDistance(distances: Distances, value: number, literalCount: number): number {
  if (value > 3) {
    distances.splice(0, 3, value - 3, distances[0], distances[1]);
  } else {
    assert.equal(value, 1, 'of the distances before, only the last is used again');
    assert.ok(literalCount > 0, 'which it is not where no literals are between');
  }
  return distances[0];
}

function copyMatch(output: Cursor, distance: number, length: number): void {
  const start = output.offset;
  const target = output.take(length);
  // This copies at most as many bytes as lie before the target, because the source may overlap it.
  for (let done = 0; done < length; ) {
    const source = start - distance;
    const part = output.bytes.subarray(source, Math.min(source + length - done, start + done));
    target.set(part, done);
    done += part.byteLength;
  }
}

interface FseEntry {
  readonly symbol: number;
  readonly base: number;
  readonly bits: number;
}

/**
 * Reads the table of literal length codes and spreads its states as section 4.1 of the RFC
 * specifies.
 */
function readTable(block: Cursor): { readonly log: number; readonly entries: FseEntry[] } {
  let offset = block.offset * 8;
  const take = (count: number) => {
    let value = 0;
    for (let i = 0; i < count; i++, offset++) {
      value += ((block.bytes[offset >> 3]! >> (offset & 7)) & 1) * 2 ** i;
    }
    return value;
  };
  const log = take(4) + 5;
  assert.ok(log <= 9, 'the accuracy that the format allows');
  const shares: number[] = [];
  for (let left = 2 ** log; left > 0; ) {
    // Values up to `left` + 1 are possible; small values take one bit less.
    const width = 32 - Math.clz32(left + 1);
    const spared = 2 ** width - 1 - (left + 1);
    let value = take(width - 1);
    if (value >= spared) {
      value += take(1) * 2 ** (width - 1);
      if (value >= 2 ** (width - 1)) value -= spared;
    }
    assert.ok(value > 0, 'no share of "less than one" is used');
    shares.push(value - 1);
    left -= value - 1;
    if (value !== 1) continue;
    for (let more = 3; more === 3; ) {
      more = take(2);
      for (let i = 0; i < more; i++) shares.push(0);
    }
  }
  assert.ok(shares.length <= 36, 'codes of literal lengths');
  assert.ok(shares.filter((share) => share > 0).length > 1, 'a single code needs no table');
  block.take(Math.ceil(offset / 8) - block.offset);
  return { log, entries: layOut(shares, log) };
}

function layOut(shares: readonly number[], log: number): FseEntry[] {
  const size = 2 ** log;
  const symbols = new Array<number>(size).fill(0);
  let place = 0;
  for (const [symbol, share] of shares.entries()) {
    for (let i = 0; i < share; i++) {
      symbols[place] = symbol;
      place = (place + (size >> 1) + (size >> 3) + 3) % size;
    }
  }
  const next = [...shares];
  return symbols.map((symbol) => {
    const state = next[symbol]!++;
    const bits = log - (31 - Math.clz32(state));
    return { symbol, bits, base: state * 2 ** bits - size };
  });
}
