/** Computes where each column of a schema has its field node and buffers in a RecordBatch. */
import type { ArrowField, ColumnShape } from './arrow-schema.ts';

export interface ColumnLayout {
  /** Its name after the names of its parents: `events.item.time`. */
  readonly path: string;
  readonly field: ArrowField;
  readonly nodeIndex: number;
  /** Index of its validity bitmap. Its other buffers follow. */
  readonly bufferIndex: number;
  readonly children: readonly ColumnLayout[];
}

export interface BatchLayout {
  readonly columns: readonly ColumnLayout[];
  readonly nodeCount: number;
  readonly bufferCount: number;
}

/** Validity, then values, or offsets and data. The items of a list are a child column. */
const buffersOfShape: Readonly<Record<ColumnShape, number>> = {
  fixed: 2,
  text: 3,
  bytes: 3,
  list: 2,
  struct: 1,
};

/** Nodes and buffers are ordered depth first, each column before its children. */
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
