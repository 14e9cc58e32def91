/** Checks the few guarantees of the format's constants. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Table, tableToIPC } from 'apache-arrow';
import { CompressionType } from 'apache-arrow/fb/compression-type';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import { MetadataVersion } from 'apache-arrow/fb/metadata-version';
import {
  endOfStream,
  headerType,
  messagePrefixBytes,
  metadataVersion5,
  padded,
  zstdCodec,
} from '../../../src/disk/ipc/ipc-format.ts';
import { exampleSchema } from '../example-batch.ts';

describe('ipc-format', () => {
  it('numbers: are those of the generated classes', () => {
    assert.equal(headerType.schema, MessageHeader.Schema);
    assert.equal(headerType.recordBatch, MessageHeader.RecordBatch);
    assert.equal(metadataVersion5, MetadataVersion.V5);
    assert.equal(zstdCodec, CompressionType.ZSTD);
  });

  it('endOfStream: is what apache-arrow ends a stream with', () => {
    const stream = tableToIPC(new Table(exampleSchema), 'stream');
    assert.equal(endOfStream.byteLength, messagePrefixBytes);
    assert.deepEqual(Buffer.from(endOfStream), Buffer.from(stream.slice(-messagePrefixBytes)));
  });

  it('padded: goes to the next multiple of 8', () => {
    assert.deepEqual([0, 1, 7, 8, 9].map(padded), [0, 8, 8, 8, 16]);
  });
});
