/** The port through which a batch is taken from a decoder; request-decoder.ts is the real one. */
import type { Signal } from '../../shared/signal.ts';

/**
 * Addresses count within `memory`. Any call may make the memory grow, and `memory.buffer` is then
 * another object, so views are taken after it. What was there stays where it was.
 */
export interface BatchSource {
  readonly memory: { readonly buffer: ArrayBufferLike };

  /** Cuts the rows held into the table of cut-table.ts; gives back its count of entries. */
  cut(signal: Signal): number;
  cutTable(): number;
  /** Writes the bytes that an entry stands for at `target`; needs 32 bytes of room behind them. */
  materialise(target: number, entry: number): void;

  rows(signal: Signal): number;
  /** Unix nanoseconds, 0 where no row has a time; so the next three. */
  firstTime(signal: Signal): bigint;
  lastTime(signal: Signal): bigint;
  firstReceivedTime(signal: Signal): bigint;
  lastReceivedTime(signal: Signal): bigint;
  /** The run column (run-column.ts) of service names. */
  servicesRun(signal: Signal): number;
  /** Where the trace ids are, for traceFilter; 0 for a signal that has none. */
  traceIds(signal: Signal): number;

  /** The address of so many free bytes, a multiple of 8; 0 if they cannot be had. */
  allocate(bytes: number): number;
  free(address: number): void;

  /** These write a whole zstd frame at `target` and give back its bytes; see the bounds. */
  zstdZeros(target: number, bytes: number): number;
  zstdHex(target: number, ids: number, binaryBytes: number): number;
  zstdRun(target: number, column: number, bytes: number): number;
  /** These two give back 0 where a compressor may do better. */
  zstdOffsets(target: number, offsets: number, bytes: number): number;
  zstdTimes(target: number, times: number, bytes: number): number;
  zstdBound(bytes: number): number;
  zstdRunBound(column: number, bytes: number): number;

  /** Writes the trace-id filter at `target` and gives back its bytes. */
  traceFilter(target: number, traceIds: number, rows: number): number;
  traceFilterBound(rows: number): number;
}
