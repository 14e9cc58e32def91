/** A decoder of the built module, whose columns are read back as rows by the simplest code. */
import { readFileSync } from 'node:fs';
import { type CutEntry, entryKind, readCutTable } from '../../../src/columns/arrow/cut-table.ts';
import {
  createDecoderMemory,
  openRequestDecoder,
  type RequestDecoder,
} from '../../../src/columns/request-decoder.ts';
import { type Signal, signalNumber } from '../../../src/shared/signal.ts';
import { type ColumnKind, type ColumnTypes, columnTypes, type ListType } from '../column-types.ts';

export type Value = string | bigint | number | boolean | null | readonly Value[] | Row;
export interface Row {
  [column: string]: Value;
}

const modulePath = new URL('../../../src/columns/decode/decoder.wasm', import.meta.url);
let module: WebAssembly.Module | undefined;

const pageBytes = 65536;
const frameBytesMax = 1024 * 1024;
/** Bytes behind a frame that the decoder may load but never uses. */
const slackBytes = 16;
/** Bytes behind a buffer that `materialise` may overwrite. */
const roomBehindBytes = 32;

/** A limit that no test reaches by accident. */
export const plenty = 1024 * 1024 * 1024;
export const receivedTime = 1_700_000_000_000_000_001n;

export class DecoderHarness {
  readonly decoder: RequestDecoder;
  readonly #signal: Signal;
  readonly #number: number;
  #frame: number;
  #frameBytes = frameBytesMax;
  #nextBatchId = 1n;
  #memoryEnd = 0;
  #target = 0;
  #targetBytes = 0;

  constructor(signal: Signal = 'traces') {
    this.#signal = signal;
    this.#number = signalNumber(signal);
    module ??= new WebAssembly.Module(readFileSync(modulePath));
    this.decoder = openRequestDecoder(module, createDecoderMemory());
    this.#frame = this.decoder.reserve(frameBytesMax);
  }

  /** Decodes the bytes with `poison` behind them; batch ids count from 1. */
  decode(request: Uint8Array, heldBytesMax = plenty, poison = 0xff): number {
    if (request.length > this.#frameBytes) {
      this.#frameBytes = request.length * 2;
      this.#frame = this.decoder.reserve(this.#frameBytes);
    }
    const end = this.#frame + request.length;
    this.decoder.bytes.fill(poison, end, end + slackBytes);
    return this.#decodeAt(this.#frame, request, heldBytesMax);
  }

  /** Decodes the bytes at the end of the memory, with only the promised slack behind them. */
  decodeAtMemoryEnd(request: Uint8Array): number {
    const { memory } = this.decoder;
    if (memory.buffer.byteLength !== this.#memoryEnd) {
      memory.grow(Math.ceil((request.length + frameBytesMax) / pageBytes));
      this.#memoryEnd = memory.buffer.byteLength;
    }
    return this.#decodeAt(this.#memoryEnd - slackBytes - request.length, request, plenty);
  }

  #decodeAt(address: number, request: Uint8Array, heldBytesMax: number): number {
    const { decoder } = this;
    decoder.bytes.set(request, address);
    const batchId = this.#nextBatchId;
    const { length } = request;
    const number = this.#number;
    const rows = decoder.decode(number, address, length, receivedTime, batchId, heldBytesMax);
    if (rows >= 0) this.#nextBatchId++;
    return rows;
  }

  /** Returns the rows of a single request, decoded into empty columns. */
  rowsOf(request: Uint8Array): Row[] {
    this.reset();
    const rows = this.decode(request);
    if (rows < 0) throw new Error(`refused with ${rows}`);
    return this.rows();
  }

  reset(): void {
    this.decoder.reset(this.#number);
    this.#nextBatchId = 1n;
  }

  rows(): Row[] {
    return readRows(this.buffers(), columnTypes(this.#signal));
  }

  /** Returns all nodes and materialised buffers, in Arrow's order. */
  buffers(): CutBuffers {
    const nodes: { length: number; nulls: number }[] = [];
    const buffers: Buffer[] = [];
    for (const { kind, bytes, aux, entry } of this.#cut()) {
      if (kind === entryKind.node) nodes.push({ length: bytes, nulls: aux });
      else buffers.push(this.#materialised(entry, bytes));
    }
    return { nodes, buffers };
  }

  /**
   * Returns the same as bytes for comparison: kind, bytes and aux of each entry, and all buffers.
   */
  snapshot(): Buffer {
    const entries = this.#cut();
    const buffers = entries.filter(({ kind }) => kind !== entryKind.node);
    const total = buffers.reduce((sum, { bytes }) => sum + bytes, 0);
    const target = this.#roomFor(total);
    let end = target;
    for (const { entry, bytes } of buffers) {
      this.decoder.materialise(end, entry);
      end += bytes;
    }
    const words = entries.flatMap(({ kind, bytes, aux }) => [kind, bytes, aux]);
    const shape = Buffer.from(Uint32Array.from(words).buffer);
    return Buffer.concat([shape, this.decoder.bytes.subarray(target, end)]);
  }

  #cut(): CutEntry[] {
    const { decoder } = this;
    const count = decoder.cut(this.#number);
    return readCutTable(decoder.memory.buffer, decoder.cutTable(), count);
  }

  #materialised(entry: number, bytes: number): Buffer {
    const target = this.#roomFor(bytes);
    this.decoder.materialise(target, entry);
    return Buffer.from(this.decoder.bytes.slice(target, target + bytes));
  }

  #roomFor(bytes: number): number {
    if (bytes > this.#targetBytes) {
      this.decoder.free(this.#target);
      this.#targetBytes = bytes * 2;
      this.#target = this.decoder.allocate(this.#targetBytes + roomBehindBytes);
    }
    return this.#target;
  }
}

export interface CutBuffers {
  readonly nodes: readonly { readonly length: number; readonly nulls: number }[];
  readonly buffers: readonly Buffer[];
}

function readRows(cut: CutBuffers, types: ColumnTypes): Row[] {
  const reader = { nodes: [...cut.nodes], buffers: [...cut.buffers] };
  const rows = readStruct(reader, types, cut.nodes[0]?.length ?? 0);
  if (reader.nodes.length + reader.buffers.length > 0) throw new Error('the table is longer');
  return rows;
}

interface Reader {
  readonly nodes: { length: number; nulls: number }[];
  readonly buffers: Buffer[];
}

function readStruct(reader: Reader, types: ColumnTypes, length: number): Row[] {
  const rows = Array.from({ length }, (): Row => ({}));
  for (const [name, type] of Object.entries(types)) {
    const values = readColumn(reader, type, length);
    for (const [row, value] of values.entries()) rows[row]![name] = value;
  }
  return rows;
}

function readColumn(reader: Reader, type: ColumnKind | ListType, length: number): Value[] {
  const node = reader.nodes.shift()!;
  if (node.length !== length) throw new Error(`a node of ${node.length} rows, not ${length}`);
  const validity = reader.buffers.shift()!;
  if (node.nulls === 0 && validity.length > 0) throw new Error('a bitmap where nothing is NULL');
  const values = readValues(reader, type, length);
  const valid = values.map((_, row) => validity.length === 0 || bit(validity, row));
  if (valid.filter((isValid) => !isValid).length !== node.nulls)
    throw new Error('a wrong null count');
  return values.map((value, row) => (valid[row] ? value : null));
}

function bit(bitmap: Buffer, row: number): boolean {
  return ((bitmap[row >> 3]! >> (row & 7)) & 1) === 1;
}

function readValues(reader: Reader, type: ColumnKind | ListType, length: number): Value[] {
  if (typeof type !== 'string') return readLists(reader, type, length);
  if (type === 'text' || type === 'binary') return readTexts(reader, type, length);
  const values = reader.buffers.shift()!;
  if (values.length !== valuesBytes[type](length)) throw new Error('values of a wrong length');
  const readValue = valueReaders[type];
  return Array.from({ length }, (_, row) => readValue(values, row));
}

type FixedKind = Exclude<ColumnKind, 'text' | 'binary'>;

const valuesBytes: Readonly<Record<FixedKind, (rows: number) => number>> = {
  i32: (rows) => rows * 4,
  u32: (rows) => rows * 4,
  i64: (rows) => rows * 8,
  u64: (rows) => rows * 8,
  f64: (rows) => rows * 8,
  bool: (rows) => Math.ceil(rows / 8),
};

const valueReaders: Readonly<Record<FixedKind, (values: Buffer, row: number) => Value>> = {
  i32: (values, row) => values.readInt32LE(row * 4),
  u32: (values, row) => values.readUInt32LE(row * 4),
  i64: (values, row) => values.readBigInt64LE(row * 8),
  u64: (values, row) => values.readBigUInt64LE(row * 8),
  f64: (values, row) => values.readDoubleLE(row * 8),
  bool: bit,
};

function readTexts(reader: Reader, type: 'text' | 'binary', length: number): Value[] {
  const offsets = readOffsets(reader, length);
  const data = reader.buffers.shift()!;
  if (data.length !== offsets[length]) throw new Error('text of a wrong length');
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return Array.from({ length }, (_, row) => {
    const bytes = data.subarray(offsets[row], offsets[row + 1]);
    return type === 'text' ? decoder.decode(bytes) : bytes.toString('hex');
  });
}

function readLists(reader: Reader, { items }: ListType, length: number): Value[] {
  const offsets = readOffsets(reader, length);
  const found =
    typeof items === 'string'
      ? readColumn(reader, items, offsets[length]!)
      : readItemStructs(reader, items, offsets[length]!);
  return Array.from({ length }, (_, row) => found.slice(offsets[row], offsets[row + 1]));
}

function readItemStructs(reader: Reader, types: ColumnTypes, length: number): Row[] {
  const node = reader.nodes.shift()!;
  if (reader.buffers.shift()!.length > 0 || node.nulls > 0) throw new Error('a struct is NULL');
  if (node.length !== length) throw new Error('a wrong count of items');
  return readStruct(reader, types, length);
}

function readOffsets(reader: Reader, length: number): number[] {
  const buffer = reader.buffers.shift()!;
  if (buffer.length !== (length + 1) * 4) throw new Error('offsets of a wrong length');
  const offsets = Array.from({ length: length + 1 }, (_, i) => buffer.readInt32LE(i * 4));
  for (let i = 0; i < length; i++)
    if (offsets[i]! > offsets[i + 1]!) throw new Error('offsets fall');
  return offsets;
}
