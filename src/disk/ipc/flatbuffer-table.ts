/**
 * Reads tables of a flatbuffer and checks each offset before it follows it; the readers that
 * flatbuffers generates trust every offset. The checks are those of the strictest Arrow reader, so
 * that other readers can open what passes here.
 *
 *     vtable  ┌──────────────┬─────────────┬─────────┬────   u16 each. A field's place counts from
 *             │ vtable bytes │ table bytes │ place 0 │  …    the table's start; 0 means no field
 *             └──────────────┴─────────────┴─────────┴────
 *     table   ┌────────────────┬─────────────────────────    i32: position of the table minus the
 *             │ back to vtable │ fields, by their places     position of its vtable
 *             └────────────────┴─────────────────────────
 *     vector  ┌──────────┬───────────   u32: number of elements. The elements of a text are bytes,
 *             │ count    │ elements     and a zero follows the last one
 *             └──────────┴───────────
 *
 * 1. Every number lies at a multiple of its size, counted from the flatbuffer's start.
 * 2. A field lies within its table, and every part lies within the bytes.
 * 3. A text is UTF-8 and ends with a zero, which its length does not include.
 */
import { isUtf8 } from 'node:buffer';

/** The message says in one phrase what is wrong with the flatbuffer or with its content. */
export class MetadataFault extends Error {}

const offsetBytes = 4;
const vtableEntryBytes = 2;
const vtableHeaderBytes = 4;
const int64Bytes = 8;

/** Every method throws MetadataFault if what it reads is damaged. */
export class FlatbufferTable {
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

  /** Offset of the table from the flatbuffer's start, in bytes. */
  get position(): number {
    return this.#position;
  }

  /** Length of the whole flatbuffer. */
  get flatbufferBytes(): number {
    return this.#view.byteLength;
  }

  static root(bytes: Uint8Array): FlatbufferTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    demandPlace(view, 0, offsetBytes, offsetBytes);
    return new FlatbufferTable(view, view.getUint32(0, true));
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

  /** Returns '' if the field is absent. */
  text(field: number): string {
    const target = this.#target(field);
    if (target === undefined) return '';
    const { start, count } = this.#vector(target, 1);
    const bytes = Buffer.from(this.#view.buffer, this.#view.byteOffset + start, count);
    demandPlace(this.#view, start + count, 1, 1);
    demand(this.#view.getUint8(start + count) === 0, 'a text does not end with a zero');
    demand(isUtf8(bytes), 'a text is not UTF-8');
    return bytes.toString('utf8');
  }

  table(field: number): FlatbufferTable | undefined {
    const target = this.#target(field);
    return target === undefined ? undefined : new FlatbufferTable(this.#view, target);
  }

  /** A vector of tables. Throws if it has more than `countMax`. */
  tables(field: number, countMax: number): FlatbufferTable[] {
    const target = this.#target(field);
    if (target === undefined) return [];
    const { start, count } = this.#vector(target, offsetBytes);
    demand(count <= countMax, 'a vector is too long');
    return Array.from({ length: count }, (_, index) => {
      return new FlatbufferTable(this.#view, this.#follow(start + index * offsetBytes));
    });
  }

  /** A vector of structs of two i64, as one flat list of numbers. */
  int64Pairs(field: number): BigInt64Array {
    return this.#int64s(field, 2 * int64Bytes);
  }

  /** A vector of structs of `structBytes` bytes, a multiple of 8; each struct as its i64 words. */
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

  /** Position of the field. Undefined if the table does not have it, so that its default counts. */
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

  /** An offset counts from its own position and always leads forward. */
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
