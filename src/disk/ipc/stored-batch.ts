/** The columns of a batch in a file, each read and decompressed on first use. */
import type { ArrowBatch, ArrowColumn } from '../../shared/arrow-batch.ts';
import type { Decompress } from '../../shared/decompress.ts';
import { readRange } from '../file-range.ts';
import type { OpenFile, Storage } from '../storage.ts';
import { readArrowSchema } from './arrow-schema.ts';
import { BatchBody, bodyLayoutFault } from './batch-body.ts';
import { type FieldNode, readBatchHeader } from './batch-header.ts';
import { type BatchLayout, type ColumnLayout, planBatchLayout } from './column-layout.ts';
import { messagePrefixBytes } from './ipc-format.ts';
import { readMessages, type StreamMessage } from './ipc-reader.ts';

/** Thrown by `column` if the file does not hold what its header promises. */
export class DamagedColumnError extends Error {
  /** The column after the names of its parents: `events.item.attributes`. */
  readonly column: string;

  constructor(column: string, what: string) {
    super(what);
    this.column = column;
  }
}

export interface StoredBatchOptions {
  readonly storage: Storage;
  readonly file: OpenFile;
  readonly message: StreamMessage;
  readonly layout: BatchLayout;
  readonly decompress: Decompress;
}

const noBytes = new Uint8Array(0);
const offsetBytes = 4;

/** Opens the batch of a message, or says in one phrase what is wrong with its header. */
export function openStoredBatch(options: StoredBatchOptions): StoredBatch | string {
  const { storage, file, message, layout } = options;
  const start = message.offset + messagePrefixBytes;
  const header = readBatchHeader(readRange(storage, file, start, message.metadataBytes), layout);
  if (typeof header === 'string') return header;
  const { nodes, buffers } = header;
  const fault = bodyLayoutFault(buffers, message.bodyBytes);
  return fault ?? new StoredBatch(options, nodes, new BatchBody({ ...options, buffers }));
}

/**
 * Opens the batch whose message starts at an offset, with the schema of its file. Returns one
 * phrase that says what is wrong if there is no such batch.
 */
export function openBatchAt(
  options: Omit<StoredBatchOptions, 'message' | 'layout'>,
  offset: number,
): StoredBatch | string {
  const { storage, file } = options;
  const [first, found] = [0, offset].map((at) => readMessages(storage, file, at).next().value);
  if (first?.kind !== 'schema' || found?.kind !== 'recordBatch') return 'no batch starts there';
  const start = first.offset + messagePrefixBytes;
  const schema = readArrowSchema(readRange(storage, file, start, first.metadataBytes));
  if (typeof schema === 'string') return schema;
  const layout = planBatchLayout(schema.fields);
  return openStoredBatch({ ...options, message: found, layout });
}

/**
 * Keeps the columns that were read. The file must stay open as long as columns are requested.
 * Offsets of a returned column never fall and never point outside of its data.
 */
export class StoredBatch implements ArrowBatch {
  readonly message: StreamMessage;
  readonly layout: BatchLayout;
  readonly #nodes: readonly FieldNode[];
  readonly #body: BatchBody;
  readonly #columns = new Map<string, ArrowColumn>();

  constructor(options: StoredBatchOptions, nodes: readonly FieldNode[], body: BatchBody) {
    this.message = options.message;
    this.layout = options.layout;
    this.#nodes = nodes;
    this.#body = body;
  }

  get rows(): number {
    return this.message.rows;
  }

  /** Throws DamagedColumnError. Undefined for a path that the schema does not have. */
  column(path: string): ArrowColumn | undefined {
    const known = this.#columns.get(path);
    if (known !== undefined) return known;
    const found = findColumn(this.layout.columns, path);
    if (found.length === 0) return undefined;
    let length = this.rows;
    for (const layout of found) {
      const column = this.#columns.get(layout.path) ?? this.#read(layout, length);
      this.#columns.set(layout.path, column);
      if (layout.field.shape === 'list') length = column.offsets?.[length] ?? 0;
    }
    return this.#columns.get(path);
  }

  /** Null count of a top-level column according to the header. Reads nothing. */
  nullCount(name: string): number {
    const layout = this.layout.columns.find(({ path }) => path === name);
    return layout === undefined ? 0 : (this.#nodes[layout.nodeIndex]?.nullCount ?? 0);
  }

  #read(layout: ColumnLayout, length: number): ArrowColumn {
    const { shape, bits } = layout.field;
    const node = this.#nodes[layout.nodeIndex];
    if (node?.length !== length) {
      throw new DamagedColumnError(layout.path, `it has ${node?.length} values, not ${length}`);
    }
    const hasNulls = node.nullCount > 0;
    const validity = hasNulls ? this.#buffer(layout, 0, Math.ceil(length / 8)) : undefined;
    if (shape === 'struct') return { validity, offsets: undefined, data: noBytes };
    if (shape === 'fixed') {
      const data = this.#buffer(layout, 1, Math.ceil((length * bits) / 8));
      return { validity, offsets: undefined, data };
    }
    const offsets = this.#offsets(layout, length);
    const data = shape === 'list' ? noBytes : this.#buffer(layout, 2, offsets[length] ?? 0);
    return { validity, offsets, data };
  }

  #offsets(layout: ColumnLayout, length: number): Int32Array {
    // The single offset of an empty column may be absent.
    const isLeftOut = length === 0 && this.#body.storedBytes(layout.bufferIndex + 1) === 0;
    if (isLeftOut) return new Int32Array(1);
    const offsets = toInt32(this.#buffer(layout, 1, (length + 1) * offsetBytes));
    for (let index = 0; index < length; index++) {
      if (offsets[index]! > offsets[index + 1]!) {
        throw new DamagedColumnError(layout.path, `its offsets fall at value ${index}`);
      }
    }
    if (offsets[0] !== 0)
      throw new DamagedColumnError(layout.path, 'its offsets do not start at 0');
    return offsets;
  }

  #buffer(layout: ColumnLayout, place: number, bytes: number): Uint8Array {
    const content = this.#body.read(layout.bufferIndex + place, bytes);
    if (typeof content === 'string') throw new DamagedColumnError(layout.path, content);
    // Some decompressors return a Buffer, whose `slice` does not copy.
    return new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  }
}

/** The column after all its parents; empty if there is no such column. */
function findColumn(columns: readonly ColumnLayout[], path: string): ColumnLayout[] {
  for (const column of columns) {
    if (column.path === path) return [column];
    if (!path.startsWith(`${column.path}.`)) continue;
    const below = findColumn(column.children, path);
    return below.length === 0 ? [] : [column, ...below];
  }
  return [];
}

/** Copies if needed, because the output of a decompressor may not be aligned. */
function toInt32(bytes: Uint8Array): Int32Array {
  const aligned = bytes.byteOffset % offsetBytes === 0 ? bytes : bytes.slice();
  return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / offsetBytes);
}
