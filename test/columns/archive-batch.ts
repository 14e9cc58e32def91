/** Presents the buffers of a decoder as the batch that request-rebuilder.ts reads. */
import { DataType, type Field } from 'apache-arrow';
import { archiveSchema } from '../../src/columns/schema.ts';
import type { ArrowBatch, ArrowColumn } from '../../src/shared/arrow-batch.ts';
import type { Signal } from '../../src/shared/signal.ts';
import type { CutBuffers } from './decode/decoder-harness.ts';

const origin = { writer: 'otlp-archer test', recorder: '6f1b0d7e-9d1c-4c53-8f6d-0a2f7a1f2b3c' };

export type ArchiveColumns = Map<string, ArrowColumn>;

/** Returns the columns by path; tests may change them. */
export function archiveColumns(signal: Signal, { buffers }: CutBuffers): ArchiveColumns {
  const columns: ArchiveColumns = new Map();
  const left = [...buffers];
  const visit = ({ name, type }: Field, prefix: string) => {
    const path = `${prefix}${name}`;
    const validity = left.shift()!;
    const offsets = hasOffsets(type) ? toOffsets(left.shift()!) : undefined;
    const hasData = !DataType.isList(type) && !DataType.isStruct(type);
    const data = hasData ? left.shift()! : Buffer.alloc(0);
    columns.set(path, { validity: validity.length === 0 ? undefined : validity, offsets, data });
    for (const child of type.children ?? []) visit(child, `${path}.`);
  };
  for (const field of archiveSchema(signal, origin).fields) visit(field, '');
  return columns;
}

export function archiveBatch(rows: number, columns: ArchiveColumns): ArrowBatch {
  return { rows, column: (path) => columns.get(path) };
}

function hasOffsets(type: DataType): boolean {
  return DataType.isUtf8(type) || DataType.isBinary(type) || DataType.isList(type);
}

function toOffsets(bytes: Buffer): Int32Array {
  return new Int32Array(Uint8Array.from(bytes).buffer);
}
