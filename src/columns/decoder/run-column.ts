/** Columns whose value stays the same for many rows: each run of equal values is kept once. */
import { ByteBuffer, columnBytesMax } from './byte-buffer.ts';
import { Column } from './column.ts';
import { fail, failure, tooLarge } from './cursor.ts';
import { allocate } from './heap.ts';
import {
  nullBytes,
  runBytes,
  runsStructBytes,
  valueBytesOf,
  writeRun,
  writeRunsStruct,
} from './run.ts';

/*
 * 1. The values lie one after the other in the order of the runs, so the last run's value ends where
 *    the values end, and forgetting runs from the end forgets their values.
 * 2. Neighbouring runs differ. A run may reach over the end of a request.
 */

/** Enough for a batch of requests with some resources each. */
const runsBytesAtStart: u32 = 4096;

export abstract class RunColumn extends Column {
  protected runs: ByteBuffer = new ByteBuffer(runsBytesAtStart);
  protected values: ByteBuffer;
  /** Rows that the runs make; fewer than the table has while a group is being read. */
  protected rows: u32 = 0;
  /** Of all values, each as often as it is repeated. */
  protected repeatedBytes: u64 = 0;
  private struct: usize = 0;

  constructor(valuesBytes: u32) {
    super();
    this.values = new ByteBuffer(valuesBytes);
  }

  /** Where the struct is that tells of the runs; it is filled in at each call. */
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
      const last = this.runs.end - runBytes;
      const count = load<u32>(last);
      const removed = min(count, this.rows - rows);
      this.rows -= removed;
      this.repeatedBytes -= <u64>removed * valueBytesOf(last);
      if (removed < count) store<u32>(last, count - removed);
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

  /** Makes a run of the value that has been appended to the values; or of NULL. */
  protected endRun(count: u32, isNull: bool): void {
    const start = this.valuesEnd();
    const valueBytes = isNull ? 0 : this.values.bytes - start;
    const repeatedBytes = this.repeatedBytes + <u64>count * valueBytes;
    if (repeatedBytes > columnBytesMax) fail(tooLarge);
    if (failure !== 0 || !this.runs.reserve(runBytes)) return;
    this.repeatedBytes = repeatedBytes;
    this.rows += count;
    this.addRun(count, start, isNull ? nullBytes : valueBytes);
  }

  /** Lengthens the last run if the value is the same. Room for a run has been made. */
  private addRun(count: u32, start: u32, bytes: u32): void {
    const end = this.runs.end;
    if (this.lastRunEquals(start, bytes)) {
      store<u32>(end - runBytes, load<u32>(end - runBytes) + count);
      this.values.bytes = start;
      return;
    }
    writeRun(end, count, start, bytes);
    this.runs.bytes += runBytes;
  }

  private lastRunEquals(start: u32, bytes: u32): bool {
    if (this.runs.bytes === 0) return false;
    const last = this.runs.end - runBytes;
    if (load<u32>(last, 8) !== bytes) return false;
    const values = this.values.address;
    const compared = valueBytesOf(last);
    return memory.compare(values + load<u32>(last, 4), values + start, compared) === 0;
  }

  private valuesEnd(): u32 {
    if (this.runs.bytes === 0) return 0;
    const last = this.runs.end - runBytes;
    return load<u32>(last, 4) + valueBytesOf(last);
  }
}
