/** An Arrow IPC file: the stream, zstd within, and a footer that says where its batches lie. */

import { nativeCompress, zstdLevel } from '../../columns/arrow/zstd.ts';
import { fileEnd } from '../../disk/ipc/footer-writer.ts';
import { type Block, fileMagic } from '../../disk/ipc/ipc-file-format.ts';
import { endOfStream, messagePrefixBytes } from '../../disk/ipc/ipc-format.ts';
import { frameColumns } from '../../query/framed-columns.ts';
import { gatherSelected } from '../../query/selected-columns.ts';
import type { ExportSource } from './export-source.ts';
import { exportedSchema } from './exported-schema.ts';

export async function* arrowFile(source: ExportSource): AsyncGenerator<Uint8Array> {
  const compress = nativeCompress(zstdLevel);
  const schema = exportedSchema(source);
  yield fileMagic;
  yield schema;
  const blocks: Block[] = [];
  let offset = fileMagic.byteLength + schema.byteLength;
  const batches = source.encoded((selected) => frameColumns(gatherSelected(selected), compress));
  for await (const { message, body } of batches) {
    yield message;
    yield body;
    const [metadataBytes, bodyBytes] = [message.byteLength, body.byteLength];
    blocks.push({ offset, metadataBytes, bodyBytes });
    offset += metadataBytes + bodyBytes;
  }
  yield endOfStream;
  yield fileEnd(schema.subarray(messagePrefixBytes), blocks);
}
