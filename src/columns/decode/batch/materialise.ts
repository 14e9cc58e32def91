/** Writes the buffers of the cut table in Arrow's layout. */
import {
  hexKind,
  offsetsKind,
  plainKind,
  runKind,
  timesKind,
  zerosKind,
} from '../column/cut-table.ts';
import { countOf, runBytes, valueBytesOf, valueOffsetOf } from '../column/run.ts';

/** Writes the bytes of the entry at `entry`. Up to 32 bytes behind them are overwritten too. */
export function materialise(target: usize, entry: usize): void {
  const address = <usize>load<u32>(entry, 4);
  const bytes = load<u32>(entry, 8);
  switch (load<u32>(entry)) {
    case plainKind:
    case offsetsKind:
    case timesKind:
      memory.copy(target, address, bytes);
      break;
    case zerosKind:
      memory.fill(target, 0, bytes);
      break;
    case hexKind:
      writeHex(target, address, bytes >>> 1);
      break;
    case runKind:
      writeRuns(target, address);
      break;
  }
}

/** Writes lower-case hex of `count` bytes, 16 bytes at a time. */
function writeHex(target: usize, address: usize, count: u32): void {
  const lowHalf = i8x16.splat(15);
  for (let i: u32 = 0; i < count; i += 16) {
    const chunk = v128.load(address + i);
    const high = hexDigits(i8x16.shr_u(chunk, 4));
    const low = hexDigits(v128.and(chunk, lowHalf));
    const pairs = target + 2 * i;
    v128.store(
      pairs,
      i8x16.shuffle(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),
    );
    v128.store(
      pairs,
      i8x16.shuffle(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31),
      16,
    );
  }
}

/**
 * Returns the digits of 16 values below 16: '0' + value, and 39 more for values from 10, where 'a'
 * begins.
 */
function hexDigits(values: v128): v128 {
  const isLetter = i8x16.gt_s(values, i8x16.splat(9));
  const digits = i8x16.add(values, i8x16.splat(0x30));
  return i8x16.add(digits, v128.and(isLetter, i8x16.splat(39)));
}

/** Writes each value once for each row of its run, by copying what has been written already. */
function writeRuns(target: usize, struct: usize): void {
  const runs = <usize>load<u32>(struct);
  const values = <usize>load<u32>(struct, 8);
  const end = runs + load<u32>(struct, 4);
  for (let run = runs; run < end; run += runBytes) {
    const bytes = valueBytesOf(run);
    const total = countOf(run) * bytes;
    memory.copy(target, values + valueOffsetOf(run), bytes);
    for (let done = bytes; done < total; ) {
      const copied = min(done, total - done);
      memory.copy(target + done, target, copied);
      done += copied;
    }
    target += total;
  }
}
