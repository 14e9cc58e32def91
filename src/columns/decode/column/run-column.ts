/** A column whose value stays the same for many rows: each run of equal values is stored once. */
import { ByteBuffer, columnBytesMax } from '../memory/byte-buffer.ts';
import { allocate } from '../memory/heap.ts';
import { fail, failure, tooLarge } from '../wire/cursor.ts';
import { Column } from './column.ts';
import {
  countOf,
  isNullRun,
  nullBytes,
  runBytes,
  runsStructBytes,
  setCount,
  valueBytesOf,
  valueOffsetOf,
  writeRun,
  writeRunsStruct,
} from './run.ts';

/*
 * 1. The values lie one after the other in the order of the runs, so the last run's value ends
 *    where the values end, and removing runs from the end removes their values.
 * 2. Neighbouring runs differ. A run may continue over the end of a request.
 */

/** Initial size, enough for a batch of requests with some resources each. */
const runsBytesAtStart: u32 = 4096;

export abstract class RunColumn extends Column {
  protected runs: ByteBuffer = new ByteBuffer(runsBytesAtStart);
  protected values: ByteBuffer;
  /** Sum of the runs' rows. While a group is being read, the table has more rows than this. */
  protected rows: u32 = 0;
  /** Bytes of the materialised column: each value counts once for each of its rows. */
  protected repeatedBytes: u64 = 0;
  private struct: usize = 0;

  constructor(valuesBytes: u32) {
    super();
    this.values = new ByteBuffer(valuesBytes);
  }

  /**
   * Returns the address of the struct that describes the runs (run.ts). Each call fills it in anew.
   */
  describe(): usize {
    writeRunsStruct(this.struct, this.runs.address, this.runs.bytes, this.values.address);
    return this.struct;
  }

  setCapacity(rowCapacity: u32, rows: u32): bool {
    if (this.struct !== 0) return true;
    this.runs.open();
    this.values.open();
    this.struct = allocate(runsStructBytes);
    return this.struct !== 0;
  }

  truncate(rows: u32): void {
    while (this.rows > rows) {
      const last = this.lastRun();
      const count = countOf(last);
      const removed = min(count, this.rows - rows);
      this.rows -= removed;
      this.repeatedBytes -= <u64>removed * valueBytesOf(last);
      if (removed < count) setCount(last, count - removed);
      else this.runs.bytes -= runBytes;
    }
    this.values.bytes = this.valuesEnd();
  }

  reset(): void {
    this.runs.reset();
    this.values.reset();
    this.rows = 0;
    this.repeatedBytes = 0;
  }

  /** Ends a run of `count` rows: of NULL, or of the value that has been appended to the values. */
  protected endRun(count: u32, isNull: bool): void {
    const start = this.valuesEnd();
    const valueBytes = isNull ? 0 : this.values.bytes - start;
    const repeatedBytes = this.repeatedBytes + <u64>count * valueBytes;
    if (repeatedBytes > columnBytesMax) fail(tooLarge);
    if (failure !== 0 || !this.runs.reserve(runBytes)) return;
    this.repeatedBytes = repeatedBytes;
    this.rows += count;
    if (this.lastRunEquals(start, valueBytes, isNull)) {
      setCount(this.lastRun(), countOf(this.lastRun()) + count);
      this.values.bytes = start;
    } else {
      writeRun(this.runs.end, count, start, isNull ? nullBytes : valueBytes);
      this.runs.bytes += runBytes;
    }
  }

  private lastRunEquals(start: u32, valueBytes: u32, isNull: bool): bool {
    if (this.runs.bytes === 0) return false;
    const last = this.lastRun();
    if (isNullRun(last) !== isNull || valueBytesOf(last) !== valueBytes) return false;
    const values = this.values.address;
    return memory.compare(values + valueOffsetOf(last), values + start, valueBytes) === 0;
  }

  private lastRun(): usize {
    return this.runs.end - runBytes;
  }

  private valuesEnd(): u32 {
    if (this.runs.bytes === 0) return 0;
    return valueOffsetOf(this.lastRun()) + valueBytesOf(this.lastRun());
  }
}
