/**
 * Writes zstd frames without a compressor for times that differ from the time before in a few low
 * bytes.
 */
import { markLastOf, writeFrameHeader } from './zstd-blocks.ts';
import { writeRows } from './zstd-rows.ts';

const rowBytes: u32 = 8;
/** Fewer rows are too small a sample. */
const rowsMin: u32 = 32;
/** Number of sampled rows. */
const sampleCount: u32 = 256;
/**
 * Count of sampled rows by the number of low bytes in which they differ from the row before: 9
 * counts of u32.
 */
const differing: usize = memory.data(9 * 4, 4);
/** A match can copy the other three bytes. */
const lowBytesMax: u32 = 5;

/**
 * Writes the frame of 8-byte times, which take `bytes` bytes. Returns the frame's bytes; 0 if a
 * compressor may do better.
 */
export function zstdTimes(target: usize, times: usize, bytes: u32): u32 {
  const rows = bytes / rowBytes;
  const lowBytes = rows < rowsMin ? 0 : chooseLowBytes(times, rows);
  if (lowBytes === 0) return 0;
  const start = writeFrameHeader(target, bytes);
  const end = writeRows<u64>(start, times, times + rowBytes, times + bytes, lowBytes, false);
  markLastOf(start, end);
  return <u32>(end - target);
}

/**
 * Returns the number of low bytes that needs the fewest literals; 0 if a compressor does better.
 */
function chooseLowBytes(times: usize, rows: u32): u32 {
  const samples = min(rows - 1, sampleCount);
  takeSample(times, rows, samples);
  let near = load<u32>(differing);
  // Where many are equal, others come again too.
  if (near * 8 > samples) return 0;
  let best: u32 = 0;
  // A compressor takes 4 to 6 bytes for each of any times.
  let fewest = samples * 5;
  for (let low: u32 = 1; low <= lowBytesMax; low++) {
    near += load<u32>(differing + ((<usize>low) << 2));
    const literals = near * low + (samples - near) * rowBytes;
    if (literals >= fewest) continue;
    fewest = literals;
    best = low;
  }
  return best;
}

/**
 * Counts by how many bytes the sampled rows differ from the rows before them. The sample covers the
 * whole column.
 */
function takeSample(times: usize, rows: u32, samples: u32): void {
  memory.fill(differing, 0, 9 * 4);
  for (let i: u32 = 0; i < samples; i++) {
    const row = 1 + <u32>((<u64>i * (rows - 1)) / samples);
    const time = times + <usize>row * rowBytes;
    const difference = load<u64>(time) ^ load<u64>(time - rowBytes);
    const count = differing + (((71 - <usize>clz(difference)) >> 3) << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
}
