/** A column of doubles that most kinds of rows lack: NULL unless set. */
import { Presence } from './presence.ts';
import { SparseColumn } from './sparse-column.ts';

@final
export class OptionalDoubleColumn extends SparseColumn {
  private presence: Presence = new Presence();

  constructor() {
    super(8);
  }

  setDouble(row: u32, value: f64): void {
    this.setUint64(row, reinterpret<u64>(value));
    this.presence.set(row, true);
  }

  /** Reads a double field, bit for bit. */
  readDouble(row: u32, end: usize): void {
    this.readFixed64(row, end);
    this.presence.set(row, true);
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
