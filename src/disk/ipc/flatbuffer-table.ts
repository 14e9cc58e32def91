/** Reads a table of a flatbuffer without trusting it: what lies outside is a RangeError. */

/** Tables, vectors and strings are found by offsets of four bytes; a vtable's entries have two. */
const offsetBytes = 4;
const vtableEntryBytes = 2;

/** Before its entries a vtable has its own length and the table's. */
const vtableHeaderBytes = 4;

/** The generated readers of flatbuffers check no bound; here DataView does, or the code itself. */
export class FlatbufferTable {
  readonly #view: DataView;
  readonly #position: number;

  private constructor(view: DataView, position: number) {
    this.#view = view;
    this.#position = position;
  }

  static root(bytes: Uint8Array): FlatbufferTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new FlatbufferTable(view, view.getUint32(0, true));
  }

  /** From the flatbuffer's start. */
  get position(): number {
    return this.#position;
  }

  int8(field: number): number {
    const position = this.#fieldPosition(field);
    return position === 0 ? 0 : this.#view.getInt8(position);
  }

  int16(field: number): number {
    const position = this.#fieldPosition(field);
    return position === 0 ? 0 : this.#view.getInt16(position, true);
  }

  int64(field: number): bigint {
    const position = this.#fieldPosition(field);
    return position === 0 ? 0n : this.#view.getBigInt64(position, true);
  }

  table(field: number): FlatbufferTable | undefined {
    const position = this.#fieldPosition(field);
    return position === 0 ? undefined : this.#tableAt(position);
  }

  /** UTF-8; what is none becomes U+FFFD. */
  string(field: number): string {
    const position = this.#fieldPosition(field);
    if (position === 0) return '';
    const { start, count } = this.#vector(position, 1);
    const { buffer, byteOffset } = this.#view;
    return Buffer.from(buffer, byteOffset + start, count).toString('utf8');
  }

  /** A vector of tables, no more than so many of them. */
  tables(field: number, countMax: number): FlatbufferTable[] {
    const position = this.#fieldPosition(field);
    if (position === 0) return [];
    const { start, count } = this.#vector(position, offsetBytes);
    return Array.from({ length: Math.min(count, countMax) }, (_, index) =>
      this.#tableAt(start + index * offsetBytes),
    );
  }

  /** 0 where the table has no such field, which then has its default. */
  #fieldPosition(field: number): number {
    const vtable = this.#position - this.#view.getInt32(this.#position, true);
    const entry = vtableHeaderBytes + field * vtableEntryBytes;
    if (entry >= this.#view.getUint16(vtable, true)) return 0;
    const offset = this.#view.getUint16(vtable + entry, true);
    return offset === 0 ? 0 : this.#position + offset;
  }

  #tableAt(position: number): FlatbufferTable {
    return new FlatbufferTable(this.#view, position + this.#view.getUint32(position, true));
  }

  #vector(position: number, elementBytes: number): { start: number; count: number } {
    const vector = position + this.#view.getUint32(position, true);
    const count = this.#view.getUint32(vector, true);
    const start = vector + offsetBytes;
    if (start + count * elementBytes > this.#view.byteLength) {
      throw new RangeError('a vector of the flatbuffer ends outside of it');
    }
    return { start, count };
  }
}
