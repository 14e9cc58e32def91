/** A framed batch can be read by apache-arrow and by our own reader. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Field, RecordBatchReader, Schema, Table, tableToIPC, Utf8 } from 'apache-arrow';
import { nativeCompress, zstdLevel } from '../../src/columns/arrow/zstd.ts';
import { endOfStream } from '../../src/disk/ipc/ipc-format.ts';
import { frameColumns } from '../../src/query/framed-columns.ts';
import '../columns/arrow-batch.ts';

/** A column of text that compresses well. */
const texts = Array.from({ length: 300 }, (_, index) => `text ${index % 7}`);
const data = Buffer.from(texts.join(''));
const offsets = new Int32Array(texts.length + 1);
for (const [index, text] of texts.entries()) offsets[index + 1] = offsets[index]! + text.length;

const columns = {
  rows: texts.length,
  nodes: [texts.length, 0],
  buffers: [new Uint8Array(0), new Uint8Array(offsets.buffer), data],
};

function schemaOf(): Uint8Array {
  const schema = new Schema([new Field('text', new Utf8(), false)]);
  // Removes the end mark.
  return tableToIPC(new Table(schema), 'stream').slice(0, -endOfStream.byteLength);
}

function textsOf(message: Uint8Array, body: Uint8Array): unknown[] {
  const stream = Buffer.concat([schemaOf(), message, body, endOfStream]);
  return [...RecordBatchReader.from(stream)].flatMap((batch) => [...batch.getChild('text')!]);
}

describe('framed columns', () => {
  it('as they are: the buffers one behind the other, each padded', () => {
    const { message, body } = frameColumns(columns);
    assert.equal(message.byteLength % 8, 0);
    assert.equal(body.byteLength % 8, 0);
    assert.ok(body.byteLength < offsets.byteLength + data.byteLength + 16);
    assert.deepEqual(textsOf(message, body), texts);
  });

  it('compressed: smaller, and the same', () => {
    const { message, body } = frameColumns(columns, nativeCompress(zstdLevel));
    assert.ok(body.byteLength < data.byteLength);
    assert.deepEqual(textsOf(message, body), texts);
  });

  it('what does not become smaller is kept as it is, behind its prefix', () => {
    const grows = (bytes: Uint8Array) => new Uint8Array(bytes.byteLength + 1);
    const { message, body } = frameColumns(columns, grows);
    assert.deepEqual(textsOf(message, body), texts);
    const small = { rows: 1, nodes: [1, 0], buffers: [new Uint8Array(0), new Uint8Array(8), data] };
    const framed = frameColumns(small, nativeCompress(zstdLevel));
    assert.equal(Buffer.from(framed.body).readBigInt64LE(0), -1n);
  });
});
