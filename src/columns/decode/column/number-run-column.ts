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

  /** The next `count` rows have this number; its low half if the column is 4 bytes wide. */
  append(count: u32, value: u64): void {
    if (!this.values.reserve(8)) return;
    store<u64>(this.values.end, value);
    this.values.bytes += this.widthBytes;
    this.endRun(count, false);
  }

  /** The smallest of the numbers, which are 8 bytes wide; 0 if there are none. */
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

  /** Neighbouring runs differ, so zeros are a single run of 0. */
  private isZero(): bool {
    if (this.runs.bytes > runBytes) return false;
    for (let at = this.values.address; at < this.values.end; at++)
      if (load<u8>(at) !== 0) return false;
    return true;
  }
}
