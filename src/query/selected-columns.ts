/** Copies the selected rows of a batch into new columns in Arrow's layout. */
import type { BatchLayout, ColumnLayout } from '../disk/ipc/column-layout.ts';
import type { ArrowBatch, ArrowColumn } from '../shared/arrow-batch.ts';
import { invariant } from '../shared/invariant.ts';

export interface GatheredColumns {
  readonly rows: number;
  /** Length and null count of each column, depth first. */
  readonly nodes: readonly number[];
  /** The buffers of each column in Arrow's order. A validity bitmap without NULLs is empty. */
  readonly buffers: readonly Uint8Array[];
}

const noBytes = new Uint8Array(0);

/** The part of a SelectedBatch that does not depend on its segment. */
export interface SelectedColumns {
  readonly batch: ArrowBatch & { readonly layout: Pick<BatchLayout, 'columns'> };
  readonly rowCount: number;
  readonly mask: Uint8Array | undefined;
}

/** If all rows are selected, the buffers of the batch are returned without a copy. */
export function gatherSelected({ batch, mask, rowCount }: SelectedColumns): GatheredColumns {
  const gathering = new Gathering(batch);
  const rows = mask && wantedRows(mask, rowCount);
  for (const column of batch.layout.columns) gathering.add(column, rowCount, rows);
  return { rows: rowCount, nodes: gathering.nodes, buffers: gathering.buffers };
}

/** The columns of a layout without any row. */
export function gatherNothing(layout: Pick<BatchLayout, 'columns'>): GatheredColumns {
  const column = (): ArrowColumn => {
    return { validity: undefined, offsets: new Int32Array(1), data: noBytes };
  };
  return gatherSelected({ batch: { rows: 0, layout, column }, rowCount: 0, mask: undefined });
}

function wantedRows(mask: Uint8Array, count: number): Int32Array {
  const rows = new Int32Array(count);
  let end = 0;
  for (let row = 0; row < mask.length; row++) if (mask[row] === 1) rows[end++] = row;
  return rows;
}

class Gathering {
  readonly nodes: number[] = [];
  readonly buffers: Uint8Array[] = [];
  readonly #batch: ArrowBatch;

  constructor(batch: ArrowBatch) {
    this.#batch = batch;
  }

  /** Adds the values at these indexes, or the first `length` values if no indexes are given. */
  add(layout: ColumnLayout, length: number, places: Int32Array | undefined): void {
    const column = this.#batch.column(layout.path);
    invariant(column !== undefined, 'a batch has the columns of its layout');
    const { shape, bits } = layout.field;
    this.#addValidity(column, length, places);
    if (shape === 'fixed') {
      this.buffers.push(places ? gatherFixed(column.data, bits, places) : column.data);
    } else if (shape === 'struct') {
      for (const child of layout.children) this.add(child, length, places);
    } else if (shape === 'list') this.#addList(layout, column, length, places);
    else this.#addTexts(column, places);
  }

  #addValidity({ validity }: ArrowColumn, length: number, places: Int32Array | undefined): void {
    const bitmap = validity && (places ? gatherBits(validity, places) : validity);
    const nullCount = bitmap === undefined ? 0 : countZeros(bitmap, length);
    this.nodes.push(length, nullCount);
    this.buffers.push(bitmap === undefined || nullCount === 0 ? noBytes : bitmap);
  }

  #addTexts({ offsets, data }: ArrowColumn, places: Int32Array | undefined): void {
    invariant(offsets !== undefined, 'texts and bytes have offsets');
    if (places === undefined) {
      this.buffers.push(toBytes(offsets), data);
      return;
    }
    const gathered = gatherOffsets(offsets, places);
    const target = new Uint8Array(gathered.at(-1)!);
    for (const [index, place] of places.entries()) {
      target.set(data.subarray(offsets[place], offsets[place + 1]), gathered[index]);
    }
    this.buffers.push(toBytes(gathered), target);
  }

  #addList(
    { children }: ColumnLayout,
    { offsets }: ArrowColumn,
    length: number,
    places: Int32Array | undefined,
  ): void {
    invariant(offsets !== undefined, 'lists have offsets');
    const gathered = places ? gatherOffsets(offsets, places) : offsets;
    this.buffers.push(toBytes(gathered));
    const itemPlaces = places && itemsOf(offsets, places, gathered.at(-1)!);
    for (const child of children) this.add(child, gathered[length] ?? 0, itemPlaces);
  }
}

/** The indexes of the items in the lists at these indexes. */
function itemsOf(offsets: Int32Array, places: Int32Array, count: number): Int32Array {
  const items = new Int32Array(count);
  let end = 0;
  for (const place of places) {
    for (let item = offsets[place]!; item < offsets[place + 1]!; item++) items[end++] = item;
  }
  return items;
}

function gatherOffsets(offsets: Int32Array, places: Int32Array): Int32Array {
  const gathered = new Int32Array(places.length + 1);
  for (const [index, place] of places.entries()) {
    gathered[index + 1] = gathered[index]! + offsets[place + 1]! - offsets[place]!;
  }
  return gathered;
}

function gatherFixed(data: Uint8Array, bits: number, places: Int32Array): Uint8Array {
  if (bits === 1) return gatherBits(data, places);
  const valueBytes = bits / 8;
  const target = new Uint8Array(places.length * valueBytes);
  for (const [index, place] of places.entries()) {
    const source = place * valueBytes;
    for (let byte = 0; byte < valueBytes; byte++) {
      target[index * valueBytes + byte] = data[source + byte]!;
    }
  }
  return target;
}

function gatherBits(bitmap: Uint8Array, places: Int32Array): Uint8Array {
  const target = new Uint8Array(Math.ceil(places.length / 8));
  for (const [index, place] of places.entries()) {
    const bit = (bitmap[place >> 3]! >> (place & 7)) & 1;
    target[index >> 3]! |= bit << (index & 7);
  }
  return target;
}

function countZeros(bitmap: Uint8Array, length: number): number {
  let ones = 0;
  for (let index = 0; index < length; index++) ones += (bitmap[index >> 3]! >> (index & 7)) & 1;
  return length - ones;
}

function toBytes({ buffer, byteOffset, byteLength }: Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
