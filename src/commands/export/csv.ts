/** Comma-separated values by RFC 4180: a line of names, a line for each row. */

import type { SelectedBatch } from '../../query/archive-reader.ts';
import { archivedSchema } from '../../query/archived-schema.ts';
import { cellReader } from '../../query/cell-reader.ts';
import { csvField, rawJson } from './csv-field.ts';
import type { ExportSource } from './export-source.ts';

const lineEnd = '\r\n';

/** Text is given on in pieces of about this, so that a batch is not in memory twice. */
const pieceLength = 256 * 1024;

export async function* csv(source: ExportSource): AsyncGenerator<Uint8Array> {
  const names = archivedSchema(source.signal).fields.map(({ name }) => name);
  yield Buffer.from(`${names.join(',')}${lineEnd}`);
  for await (const pieces of source.encoded(linesOf)) yield* pieces;
}

/** Reads the columns at once, and gives the lines later. */
function linesOf({ batch, mask }: SelectedBatch): Generator<Uint8Array> {
  const columns = batch.layout.columns.map((column) => {
    return { field: column.field, read: cellReader(batch, column, rawJson) };
  });
  return pieces();

  function* pieces(): Generator<Uint8Array> {
    let text = '';
    for (let row = 0; row < batch.rows; row++) {
      if (mask?.[row] === 0) continue;
      const fields = columns.map(({ field, read }) => csvField(field, read(row)));
      text += `${fields.join(',')}${lineEnd}`;
      if (text.length < pieceLength) continue;
      yield Buffer.from(text);
      text = '';
    }
    if (text !== '') yield Buffer.from(text);
  }
}
