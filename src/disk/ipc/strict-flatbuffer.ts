/**
 * Reads tables of a flatbuffer as strictly as the strictest Arrow reader does, so that what passes
 * here opens there.
 *
 *     vtable  ┌──────────────┬─────────────┬─────────┬────   u16 each; a field's place counts from
 *             │ vtable bytes │ table bytes │ place 0 │  …    the table's start, 0: it is not there
 *             └──────────────┴─────────────┴─────────┴────
 *     table   ┌────────────────┬─────────────────────────    i32: the vtable lies so far before
 *             │ back to vtable │ fields, by their places
 *             └────────────────┴─────────────────────────
 *     vector  ┌──────────┬───────────   u32; of a text the count is of bytes, and a zero follows
 *             │ count    │ elements
 *             └──────────┴───────────
 *
 * 1. Every number lies at a multiple of its size, counted from the flatbuffer's start.
 * 2. A field lies within its table, and all within the bytes.
 * 3. A text is UTF-8 and ends with a zero that its length does not count.
 */
import { isUtf8 } from 'node:buffer';

/** Says in one phrase what is wrong with the flatbuffer, or with what it says. */
export class MetadataFault extends Error {}

const offsetBytes = 4;
const vtableEntryBytes = 2;
const vtableHeaderBytes = 4;
const int64Bytes = 8;

export class StrictTable {
  readonly #view: DataView;
  readonly #position: number;
  readonly #vtable: number;
  readonly #vtableBytes: number;
  readonly #tableBytes: number;

  private constructor(view: DataView, position: number) {
    this.#view = view;
    this.#position = position;
    demandPlace(view, position, offsetBytes, offsetBytes);
    this.#vtable = position - view.getInt32(position, true);
    demandPlace(view, this.#vtable, vtableHeaderBytes, vtableEntryBytes);
    this.#vtableBytes = view.getUint16(this.#vtable, true);
    this.#tableBytes = view.getUint16(this.#vtable + vtableEntryBytes, true);
    demand(this.#vtableBytes >= vtableHeaderBytes, 'a vtable is too short');
    demandPlace(view, this.#vtable, this.#vtableBytes, vtableEntryBytes);
    demand(this.#vtableBytes % vtableEntryBytes === 0, 'a vtable has half an entry');
    demand(this.#tableBytes >= offsetBytes, 'a table is too short');
    demandPlace(view, position, this.#tableBytes, offsetBytes);
  }

  /** From the flatbuffer's start. */
  get position(): number {
    return this.#position;
  }

  static root(bytes: Uint8Array): StrictTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    demandPlace(view, 0, offsetBytes, offsetBytes);
    return new StrictTable(view, view.getUint32(0, true));
  }

  has(field: number): boolean {
    return this.#place(field, 1) !== undefined;
  }

  int8(field: number): number {
    const place = this.#place(field, 1);
    return place === undefined ? 0 : this.#view.getInt8(place);
  }

  int16(field: number): number {
    const place = this.#place(field, 2);
    return place === undefined ? 0 : this.#view.getInt16(place, true);
  }

  int32(field: number): number {
    const place = this.#place(field, 4);
    return place === undefined ? 0 : this.#view.getInt32(place, true);
  }

  int64(field: number): bigint {
    const place = this.#place(field, int64Bytes);
    return place === undefined ? 0n : this.#view.getBigInt64(place, true);
  }

  /** '' where it is not there. */
  text(field: number): string {
    const target = this.#target(field);
    if (target === undefined) return '';
    const { start, count } = this.#vector(target, 1);
    const bytes = new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, count);
    demandPlace(this.#view, start + count, 1, 1);
    demand(this.#view.getUint8(start + count) === 0, 'a text does not end with a zero');
    demand(isUtf8(bytes), 'a text is not UTF-8');
    return Buffer.from(bytes).toString('utf8');
  }

  table(field: number): StrictTable | undefined {
    const target = this.#target(field);
    return target === undefined ? undefined : new StrictTable(this.#view, target);
  }

  tables(field: number, countMax: number): StrictTable[] {
    const target = this.#target(field);
    if (target === undefined) return [];
    const { start, count } = this.#vector(target, offsetBytes);
    demand(count <= countMax, 'a vector is too long');
    return Array.from({ length: count }, (_, index) => {
      return new StrictTable(this.#view, this.#follow(start + index * offsetBytes));
    });
  }

  /** A vector of structs of two i64; their numbers one behind the other. */
  int64Pairs(field: number): BigInt64Array {
    return this.#int64s(field, 2 * int64Bytes);
  }

  /** A vector of structs of so many bytes, a multiple of 8; each as its words. */
  int64Structs(field: number, structBytes: number): BigInt64Array[] {
    const words = this.#int64s(field, structBytes);
    const size = structBytes / int64Bytes;
    return Array.from({ length: words.length / size }, (_, index) =>
      words.subarray(index * size, (index + 1) * size),
    );
  }

  #int64s(field: number, structBytes: number): BigInt64Array {
    const target = this.#target(field);
    if (target === undefined) return new BigInt64Array(0);
    const { start, count } = this.#vector(target, structBytes);
    demand(count === 0 || start % int64Bytes === 0, 'a vector is not aligned');
    return BigInt64Array.from({ length: (count * structBytes) / int64Bytes }, (_, index) =>
      this.#view.getBigInt64(start + index * int64Bytes, true),
    );
  }

  /** Where the field lies; undefined where the table has none, so that it has its default. */
  #place(field: number, bytes: number): number | undefined {
    const entry = vtableHeaderBytes + field * vtableEntryBytes;
    if (entry >= this.#vtableBytes) return undefined;
    const offset = this.#view.getUint16(this.#vtable + entry, true);
    if (offset === 0) return undefined;
    const isInside = offset >= offsetBytes && offset + bytes <= this.#tableBytes;
    demand(isInside, 'a field lies outside of its table');
    demandPlace(this.#view, this.#position + offset, bytes, bytes);
    return this.#position + offset;
  }

  #target(field: number): number | undefined {
    const place = this.#place(field, offsetBytes);
    return place === undefined ? undefined : this.#follow(place);
  }

  /** An offset counts from where it stands, and always forward. */
  #follow(place: number): number {
    const offset = this.#view.getUint32(place, true);
    demand(offset > 0, 'an offset leads nowhere');
    return place + offset;
  }

  #vector(position: number, elementBytes: number): { start: number; count: number } {
    demandPlace(this.#view, position, offsetBytes, offsetBytes);
    const count = this.#view.getUint32(position, true);
    const start = position + offsetBytes;
    demandPlace(this.#view, start, count * elementBytes, 1);
    return { start, count };
  }
}

function demandPlace(view: DataView, position: number, bytes: number, alignment: number): void {
  const isInside = position >= 0 && position + bytes <= view.byteLength;
  demand(isInside, 'a part lies outside of the bytes');
  demand(position % alignment === 0, 'a part is not aligned');
}

function demand(condition: boolean, what: string): void {
  if (!condition) throw new MetadataFault(what);
}
