/** Shows that a footer is rejected unless it matches the stream. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FileStream, footerFault } from '../../../src/disk/ipc/footer-reader.ts';
import { fileEnd } from '../../../src/disk/ipc/footer-writer.ts';
import { messagePrefixBytes } from '../../../src/disk/ipc/ipc-format.ts';
import { readMessages } from '../../../src/disk/ipc/ipc-reader.ts';
import { fileOf } from '../arrow-file.ts';
import { memoryFile } from '../memory-file.ts';
import { thingFields, thingSchemaMessage, thingSegment } from '../thing-segment.ts';

const file = fileOf(thingSegment());
const stream = streamOf(file);
const metadata = thingSchemaMessage().slice(messagePrefixBytes);
const blocks = stream.batches.map(({ offset, bytes }) => {
  const metadataBytes = messagePrefixBytes + file.readInt32LE(offset + 4);
  return { offset, metadataBytes, bodyBytes: bytes - metadataBytes };
});

function streamOf(bytes: Uint8Array): FileStream {
  let schema = { offset: 0, metadataBytes: 0 };
  const batches: { offset: number; bytes: number }[] = [];
  for (const item of readMessages(memoryFile(bytes), 0)) {
    if (item.kind === 'end') return { schema, batches, end: item.offset };
    const { offset, bodyOffset, bodyBytes } = item;
    if (item.kind === 'schema') schema = item;
    else batches.push({ offset, bytes: bodyOffset + bodyBytes - offset });
  }
  throw new Error('a stream has an end');
}

const faultOf = (bytes: Uint8Array) => footerFault(memoryFile(bytes), 0, stream);
const withEnd = (end: Uint8Array) => Buffer.concat([file.subarray(0, stream.end), end]);

describe('footerFault', () => {
  it('a footer as it is written: has none', () => {
    assert.equal(faultOf(file), undefined);
    assert.equal(faultOf(withEnd(fileEnd(metadata, blocks))), undefined);
  });

  it('cut short at any byte, or followed by one: is missing', () => {
    for (let length = stream.end; length < file.length; length++) {
      assert.equal(faultOf(file.subarray(0, length)), 'the footer is missing', `${length} bytes`);
    }
    assert.equal(faultOf(Buffer.concat([file, Buffer.alloc(1)])), 'the footer is missing');
  });

  it('another number of batches: is told', () => {
    const fault = faultOf(withEnd(fileEnd(metadata, blocks.slice(1))));
    assert.equal(fault, 'the footer names 1 batches and the stream has 2');
  });

  it('a batch that lies elsewhere, or is longer: is told', () => {
    for (const name of ['offset', 'metadataBytes', 'bodyBytes'] as const) {
      const wrong = blocks.map((block, index) => {
        return index === 1 ? { ...block, [name]: block[name] + 8 } : block;
      });
      const fault = faultOf(withEnd(fileEnd(metadata, wrong)));
      assert.equal(fault, 'the footer does not say rightly where batch 1 lies');
    }
  });

  it('another schema: is told', () => {
    const other = thingSchemaMessage(thingFields.slice(1)).slice(messagePrefixBytes);
    const fault = faultOf(withEnd(fileEnd(other, blocks)));
    assert.equal(fault, 'the footer has another schema than the stream');
  });

  it('any bit of it that is another: is told, or says the same', () => {
    for (let at = stream.end; at < file.length; at++) {
      const damaged = Buffer.from(file);
      damaged[at]! ^= 1 << (at % 8);
      const fault = faultOf(damaged);
      if (fault !== undefined) assert.match(fault, /^the footer /);
    }
  });
});
