/** A run column of text. */

import { appendText } from '../text/utf8.ts';
import {
  addOffsets,
  addPlain,
  addRuns,
  addZeros,
  bytesContent,
  int32Content,
  scratchBytesFor,
  takeScratch,
} from './cut-table.ts';
import { countOf, runBytes, valueBytesOf } from './run.ts';
import { RunColumn } from './run-column.ts';
import { addNullRuns, bitmapBytes } from './validity.ts';

export class TextRunColumn extends RunColumn {
  constructor(valuesBytes: u32) {
    super(valuesBytes);
  }

  /** Appends `count` rows with the text of a string field. */
  append(count: u32, address: usize, bytes: u32): void {
    appendText(this.values, address, bytes);
    this.endRun(count, false);
  }

  /** Appends `count` rows with this text of ASCII characters. */
  appendAscii(count: u32, text: string): void {
    this.values.appendAscii(text);
    this.endRun(count, false);
  }

  appendNull(count: u32): void {
    this.endRun(count, true);
  }

  heldBytes(rows: u32): u64 {
    return this.repeatedBytes + (<u64>rows + 1) * 4 + bitmapBytes(rows);
  }

  cutBytes(rows: u32): u64 {
    return <u64>scratchBytesFor((rows + 1) * 4) + scratchBytesFor(bitmapBytes(rows));
  }

  cut(rows: u32): void {
    addNullRuns(this.runs.address, this.runs.bytes, rows);
    const bytes = <u32>this.repeatedBytes;
    const offsetBytes = (rows + 1) * 4;
    if (bytes === 0) addZeros(offsetBytes, int32Content);
    else addOffsets(this.makeOffsets(offsetBytes), rows);
    if (bytes === 0) addPlain(0, 0, bytesContent);
    else addRuns(this.describe(), bytes, bytesContent);
  }

  /**
   * Writes four offsets at a time. The next run overwrites what was written too far; at the end
   * that is scratch memory.
   */
  private makeOffsets(offsetBytes: u32): usize {
    const offsets = takeScratch(offsetBytes);
    store<u32>(offsets, 0);
    let target = offsets + 4;
    let offset: u32 = 0;
    for (let run = this.runs.address; run < this.runs.end; run += runBytes) {
      const count = countOf(run);
      const bytes = valueBytesOf(run);
      const steps = i32x4.mul(i32x4(1, 2, 3, 4), i32x4.splat(bytes));
      for (let i: u32 = 0; i < count; i += 4) {
        v128.store(target + ((<usize>i) << 2), i32x4.add(i32x4.splat(offset + i * bytes), steps));
      }
      target += (<usize>count) << 2;
      offset += count * bytes;
    }
    return offsets;
  }
}
