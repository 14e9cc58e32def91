/** Compares the messages with those of apache-arrow for the same batch, field by field. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Data,
  Float64,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Struct,
  Utf8,
} from 'apache-arrow';
import { KeyValue } from 'apache-arrow/fb/key-value';
import { Message } from 'apache-arrow/fb/message';
import { RecordBatch as RecordBatchHeader } from 'apache-arrow/fb/record-batch';
import { ByteBuffer } from 'flatbuffers';
import {
  continuationMarker,
  messagePrefixBytes,
  padded,
} from '../../../src/disk/ipc/ipc-format.ts';
import { recordBatchMessage } from '../../../src/disk/ipc/ipc-writer.ts';
import type { EncodedBatch } from '../../../src/shared/encoded-batch.ts';
import {
  exampleBatch,
  exampleRows,
  exampleSchema,
  exampleSchemaMessage,
} from '../example-batch.ts';

/** Returns all fields of a message, read with the generated classes. */
function describeMessage(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const metadataBytes = view.getInt32(4, true);
  const flatbuffer = bytes.subarray(messagePrefixBytes, messagePrefixBytes + metadataBytes);
  const message = Message.getRootAsMessage(new ByteBuffer(flatbuffer));
  const header: RecordBatchHeader = message.header(new RecordBatchHeader());
  const compression = header.compression();
  return {
    marker: view.getUint32(0, true),
    isAligned: metadataBytes % 8 === 0,
    version: message.version(),
    headerType: message.headerType(),
    bodyBytes: message.bodyLength(),
    rows: header.length(),
    nodes: list(header.nodesLength(), (index) => {
      const node = header.nodes(index);
      return [node?.length(), node?.nullCount()];
    }),
    buffers: list(header.buffersLength(), (index) => {
      const buffer = header.buffers(index);
      return [buffer?.offset(), buffer?.length()];
    }),
    compression: compression && [compression.codec(), compression.method()],
    metadata: list(message.customMetadataLength(), (index) => {
      const entry = message.customMetadata(index, new KeyValue());
      return [entry?.key(), entry?.value()];
    }),
  };
}

function list<T>(count: number, item: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => item(index));
}

/** Returns apache-arrow's message for the buffers of an uncompressed batch. */
function arrowMessage(batch: EncodedBatch): Uint8Array {
  const part = (index: number) => {
    const [offset = 0, bytes = 0] = batch.buffers.slice(2 * index, 2 * index + 2);
    return batch.body.slice(offset, offset + bytes);
  };
  const length = batch.rows;
  const children: Data[] = [
    makeData({ type: new Int64(), length, data: new BigInt64Array(part(1).buffer) }),
    makeData({
      type: new Utf8(),
      length,
      nullCount: batch.nodes[3]!,
      nullBitmap: part(2),
      valueOffsets: new Int32Array(part(3).buffer),
      data: part(4),
    }),
    makeData({ type: new Float64(), length, data: new Float64Array(part(6).buffer) }),
  ];
  const type = new Struct(exampleSchema.fields);
  const writer = new RecordBatchStreamWriter();
  writer.write(new RecordBatch(exampleSchema, makeData({ type, length, children })));
  writer.finish();
  return writer.toUint8Array(true).slice(exampleSchemaMessage().byteLength);
}

describe('recordBatchMessage', () => {
  for (const rowCount of [1, 2, 9, 1000]) {
    it(`${rowCount} rows: says what apache-arrow says of the same buffers`, () => {
      const batch = exampleBatch(exampleRows(0, rowCount), { compression: 'none' });
      // apache-arrow includes the padding in the length of a buffer, which the format leaves open.
      const buffers = batch.buffers.map((number, index) => (index % 2 ? padded(number) : number));
      const ours = describeMessage(recordBatchMessage({ ...batch, buffers }, new Map()));
      const theirs = describeMessage(arrowMessage(batch));
      assert.deepEqual(ours, theirs);
      assert.equal(ours.marker, continuationMarker);
    });
  }

  it('a compressed batch: names zstd for each buffer', () => {
    const batch = exampleBatch(exampleRows(0, 100), { compression: 'zstd' });
    const { compression, bodyBytes } = describeMessage(recordBatchMessage(batch, new Map()));
    assert.deepEqual(compression, [1, 0]);
    assert.equal(bodyBytes, BigInt(batch.body.byteLength));
  });

  it('custom metadata: is kept in its order, empty and long values too', () => {
    const metadata = new Map([
      ['z', ''],
      ['a', 'ü€😀'],
      ['long', 'x'.repeat(100_000)],
    ]);
    const message = recordBatchMessage(exampleBatch(exampleRows(0, 1)), metadata);
    assert.deepEqual(describeMessage(message).metadata, [...metadata]);
    assert.equal(message.byteLength % 8, 0);
  });

  it('a body that is not aligned at its end: breaks an invariant', () => {
    const batch = exampleBatch(exampleRows(0, 1));
    const body = batch.body.subarray(0, batch.body.byteLength - 1);
    assert.throws(() => recordBatchMessage({ ...batch, body }, new Map()), /invariant broken/);
  });

  it('a column of 2 GiB: has its offset and length exactly', () => {
    const batch = { ...exampleBatch(exampleRows(0, 1)), buffers: [2 ** 33 + 8, 2 ** 31 + 1] };
    const { buffers } = describeMessage(recordBatchMessage(batch, new Map()));
    assert.deepEqual(buffers, [[2n ** 33n + 8n, 2n ** 31n + 1n]]);
  });
});
