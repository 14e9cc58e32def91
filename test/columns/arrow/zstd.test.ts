/** Tests the native compressor. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Decoder } from '@toondepauw/node-zstd';
import { nativeCompress, nodeCompress, zstdLevel } from '../../../src/columns/arrow/zstd.ts';

const text = Buffer.from('span after span after span '.repeat(1000));

describe('nativeCompress', () => {
  it('frame: decodes to what was given, from shared memory too', () => {
    const shared = new Uint8Array(
      new SharedArrayBuffer(text.byteLength + 100),
      50,
      text.byteLength,
    );
    shared.set(text);
    for (const bytes of [text, shared, shared.subarray(0, 1), shared.subarray(7, 7)]) {
      const frame = nativeCompress(zstdLevel)(bytes);
      assert.deepEqual(new Decoder().decodeSync(Buffer.from(frame)), Buffer.from(bytes));
      assert.ok(!(frame.buffer instanceof SharedArrayBuffer), 'a frame is its own');
    }
  });

  it('level: a higher one makes a smaller frame', () => {
    const words = ['span', 'trace', 'metric', 'log', 'resource', 'scope', 'event', 'link'];
    const indexes = Array.from(
      { length: 20_000 },
      (_, index) => Math.imul(index, 0x9e3779b1) >>> 29,
    );
    const bytes = Buffer.from(indexes.map((index) => words[index]).join(' '));
    assert.ok(nativeCompress(19)(bytes).byteLength < nativeCompress(1)(bytes).byteLength);
  });
});

describe('nodeCompress', () => {
  it('Node: its own zstd is used where it has one, with the level', () => {
    const calls: unknown[] = [];
    const node = {
      zstdCompressSync: (...call: unknown[]) => {
        calls.push(call);
        return Buffer.from('frame');
      },
      constants: { ZSTD_c_compressionLevel: 100 },
    };
    assert.deepEqual(nodeCompress(3, node)?.(text), Buffer.from('frame'));
    assert.deepEqual(calls, [[text, { params: { 100: 3 } }]]);
  });

  it('Node: without one there is none', () => {
    assert.equal(nodeCompress(1, { constants: {} }), undefined);
  });
});
