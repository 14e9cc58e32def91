/** A column of text in which NULL and the empty text differ. */
import { Presence } from './presence.ts';
import { TextColumn } from './text-column.ts';

@final
export class OptionalTextColumn extends TextColumn {
  private presence: Presence = new Presence();

  constructor(textBytes: u32) {
    super(textBytes);
  }

  /** Ends the row with its text if `isThere`, else with NULL. */
  endOptionalRow(row: u32, isThere: bool): void {
    if (!isThere) this.startRow(row);
    this.presence.set(row, isThere);
    this.endRow(row);
  }

  setCapacity(rowCapacity: u32, rows: u32): bool {
    return this.presence.setCapacity(rowCapacity, rows) && super.setCapacity(rowCapacity, rows);
  }

  truncate(rows: u32): void {
    super.truncate(rows);
    this.presence.truncate(rows);
  }

  heldBytes(rows: u32): u64 {
    return super.heldBytes(rows) + this.presence.heldBytes(rows);
  }

  cutBytes(rows: u32): u64 {
    return this.presence.cutBytes(rows);
  }

  reset(): void {
    super.reset();
    this.presence.truncate(0);
  }

  protected cutValidity(rows: u32): void {
    this.presence.cut(rows);
  }
}
