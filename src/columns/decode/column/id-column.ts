/**
 * A column of ids. They are held as binary and become lower-case hex text at the cut; the empty id
 * is NULL.
 */

import { allocate } from '../memory/heap.ts';
import { lowerA, zero } from '../text/ascii.ts';
import { position } from '../wire/cursor.ts';
import { Wire } from '../wire/wire-reader.ts';
import { addHex } from './cut-table.ts';
import { TextColumn } from './text-column.ts';

/** Size of the struct of two u32 that `describe` fills in. */
const structBytes: u32 = 8;

/** The bit in which an upper-case ASCII letter differs from the lower-case one. */
const lowerCaseBit: u32 = 0x20;

let hexTextIds: u32 = 0;

/** Returns how many ids of accepted requests were hex text instead of binary. */
export function hexTextIdCount(): u32 {
  return hexTextIds;
}

/** Sets the count back after a request was refused. */
export function restoreHexTextIdCount(count: u32): void {
  hexTextIds = count;
}

@final
export class IdColumn extends TextColumn {
  private struct: usize = 0;
  /** Bytes of an id that is sent as hex text, by mistake: twice those of a binary id. */
  private hexTextBytes: u32;

  /** Ids of `idBytes` bytes, with room for `idsAtStart` of them at the start. */
  constructor(idBytes: u32, idsAtStart: u32) {
    super(idBytes * idsAtStart, true, 1);
    this.hexTextBytes = idBytes * 2;
  }

  /**
   * Reads a bytes field of any length and keeps it as it was sent. If the field occurs several
   * times, the last one counts.
   */
  readId(row: u32, end: usize): void {
    const address = Wire.readContent(end);
    const bytes = <u32>(position - address);
    this.startRow(row);
    this.text.append(address, bytes);
    if (bytes === this.hexTextBytes && isHexText(address, bytes)) hexTextIds++;
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

/** True if all bytes are hex digits. */
function isHexText(address: usize, bytes: u32): bool {
  for (let i: u32 = 0; i < bytes; i++) {
    const byte = <u32>load<u8>(address + i);
    const isDigit = byte - zero < 10;
    const isLetter = (byte | lowerCaseBit) - lowerA < 6;
    if (!isDigit && !isLetter) return false;
  }
  return true;
}
