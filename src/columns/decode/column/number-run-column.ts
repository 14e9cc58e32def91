/** A run column of numbers of 4 or 8 bytes, never NULL. */
import { addRuns, addZeros } from './cut-table.ts';
import { runBytes } from './run.ts';
import { RunColumn } from './run-column.ts';
import { addNotNull } from './validity.ts';

/** Room for the numbers of some hundred runs. */
const valuesBytesAtStart: u32 = 2048;

@final
export class NumberRunColumn extends RunColumn {
  private widthBytes: u32;

  constructor(widthBytes: u32) {
    super(valuesBytesAtStart);
    this.widthBytes = widthBytes;
  }

  /** Appends `count` rows with this number; a column of 4 bytes takes its low half. */
  append(count: u32, value: u64): void {
    if (!this.values.reserve(8)) return;
    store<u64>(this.values.end, value);
    this.values.bytes += this.widthBytes;
    this.endRun(count, false);
  }

  /** Returns the smallest number of a column of 8 bytes; 0 if it has no rows. */
  first(): u64 {
    let first = u64.MAX_VALUE;
    for (let at = this.values.address; at < this.values.end; at += 8)
      first = min(first, load<u64>(at));
    return this.rows === 0 ? 0 : first;
  }

  last(): u64 {
    let last: u64 = 0;
    for (let at = this.values.address; at < this.values.end; at += 8)
      last = max(last, load<u64>(at));
    return last;
  }

  heldBytes(rows: u32): u64 {
    return <u64>rows * this.widthBytes;
  }

  cutBytes(rows: u32): u64 {
    return 0;
  }

  cut(rows: u32): void {
    addNotNull(rows);
    if (this.isZero()) addZeros(rows * this.widthBytes, this.widthBytes);
    else addRuns(this.describe(), rows * this.widthBytes, this.widthBytes);
  }

  /** True if all numbers are 0. Neighbouring runs differ, so then there is a single run. */
  private isZero(): bool {
    if (this.runs.bytes > runBytes) return false;
    for (let at = this.values.address; at < this.values.end; at++)
      if (load<u8>(at) !== 0) return false;
    return true;
  }
}
