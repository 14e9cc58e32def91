/** Where each column of a schema has its field node and its buffers in a RecordBatch. */
import type { ArrowField, ColumnShape } from './arrow-schema.ts';

export interface ColumnLayout {
  /** With the names of what it lies in: `events.item.time`. */
  readonly path: string;
  readonly field: ArrowField;
  readonly nodeIndex: number;
  /** Of its validity bitmap; the others follow. */
  readonly bufferIndex: number;
  readonly children: readonly ColumnLayout[];
}

export interface BatchLayout {
  readonly columns: readonly ColumnLayout[];
  readonly nodeCount: number;
  readonly bufferCount: number;
}

/** Validity; then values, or offsets and what they point into. A list's items are its child. */
const buffersOfShape: Readonly<Record<ColumnShape, number>> = {
  fixed: 2,
  text: 3,
  bytes: 3,
  list: 2,
  struct: 1,
};

/** Nodes and buffers lie depth first, each column before its children. */
export function planBatchLayout(fields: readonly ArrowField[]): BatchLayout {
  let nodeCount = 0;
  let bufferCount = 0;
  const place = (field: ArrowField, prefix: string): ColumnLayout => {
    const path = `${prefix}${field.name}`;
    const nodeIndex = nodeCount;
    const bufferIndex = bufferCount;
    nodeCount += 1;
    bufferCount += buffersOfShape[field.shape];
    const children = field.children.map((child) => place(child, `${path}.`));
    return { path, field, nodeIndex, bufferIndex, children };
  };
  const columns = fields.map((field) => place(field, ''));
  return { columns, nodeCount, bufferCount };
}
