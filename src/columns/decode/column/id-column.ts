/**
 * A column of ids. They are held as binary and become lower-case hex text at the cut; the empty id
 * is NULL.
 */

import { allocate } from '../memory/heap.ts';
import { position } from '../wire/cursor.ts';
import { Wire } from '../wire/wire-reader.ts';
import { addHex } from './cut-table.ts';
import { TextColumn } from './text-column.ts';

/** Size of the struct of two u32 that `describe` fills in. */
const structBytes: u32 = 8;

@final
export class IdColumn extends TextColumn {
  private struct: usize = 0;

  constructor(idBytes: u32) {
    super(idBytes, true, 1);
  }

  /** Reads a bytes field of any length. If the field occurs several times, the last one counts. */
  readId(row: u32, end: usize): void {
    const address = Wire.readContent(end);
    this.startRow(row);
    this.text.append(address, <u32>(position - address));
  }

  /**
   * Returns the address of a struct of two u32: the addresses of the binary ids and of the offsets.
   */
  describe(): usize {
    if (this.struct === 0) this.struct = allocate(structBytes);
    if (this.struct === 0) return 0;
    store<u32>(this.struct, <u32>this.text.address);
    store<u32>(this.struct, <u32>this.offsets.address, 4);
    return this.struct;
  }

  protected cutText(): void {
    addHex(this.text.address, this.text.bytes << this.hexShift);
  }
}
