/** A column of timestamps in Unix nanoseconds; 0 is NULL. */

import { irregular } from '../wire/irregular.ts';
import { Wire } from '../wire/wire-reader.ts';
import { addTimes, addZeros, int64Content, scratchBytesFor } from './cut-table.ts';
import { FixedColumn, isZero } from './fixed-column.ts';
import { addNullWhenZero, bitmapBytes } from './validity.ts';

/** One less than the largest signed timestamp: several readers take 2^63 - 1 for infinity. */
const timeMax: u64 = <u64>i64.MAX_VALUE - 1;

@final
export class TimeColumn extends FixedColumn {
  constructor() {
    super(8);
  }

  /** Reads a fixed64 field. A time that does not fit is NULL. */
  readTime(row: u32, end: usize): void {
    const time = Wire.readFixed64(end);
    const fits = time <= timeMax;
    if (!fits) irregular();
    this.setUint64(row, fits ? time : 0);
  }

  /** Returns the smallest time of the first `rows` rows; 0 if none of them has a time. */
  first(rows: u32): u64 {
    let first: u64 = 0;
    for (let row: u32 = 0; row < rows; row++) {
      const time = this.getUint64(row);
      if (time !== 0 && (first === 0 || time < first)) first = time;
    }
    return first;
  }

  last(rows: u32): u64 {
    let last: u64 = 0;
    for (let row: u32 = 0; row < rows; row++) last = max(last, this.getUint64(row));
    return last;
  }

  heldBytes(rows: u32): u64 {
    return super.heldBytes(rows) + bitmapBytes(rows);
  }

  cutBytes(rows: u32): u64 {
    return scratchBytesFor(bitmapBytes(rows));
  }

  cut(rows: u32): void {
    const times = this.values.address;
    addNullWhenZero(times, rows);
    if (isZero(times, rows * 8)) addZeros(rows * 8, int64Content);
    else addTimes(times, rows);
  }
}
