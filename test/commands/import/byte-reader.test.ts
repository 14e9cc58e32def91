/** Tests that lines and counted bytes come out whole, however the stream is cut. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteReader, UnreadableContent } from '../../../src/commands/import/byte-reader.ts';
import { readerOf } from './byte-stream.ts';

describe('byte-reader', () => {
  it('lines: the same for chunks of every size', async () => {
    const text = 'one\n\ntwo and more\nthree';
    for (let chunkBytes = 1; chunkBytes <= text.length; chunkBytes++) {
      const reader = readerOf(text, chunkBytes);
      const found: string[] = [];
      for (;;) {
        const { offset } = reader;
        const line = await reader.takeLine(100);
        if (line === undefined) break;
        assert.equal(line.kind, 'line');
        if (line.kind === 'line') found.push(`${offset} ${line.isTerminated} ${line.bytes}`);
      }
      const expected = ['0 true one', '4 true ', '5 true two and more', '18 false three'];
      assert.deepEqual(found, expected, `chunks of ${chunkBytes}`);
    }
  });

  it('a line that is too long is passed over, and the next one is read', async () => {
    const reader = readerOf(`${'x'.repeat(1_000)}\nnext\n`);
    assert.deepEqual(await reader.takeLine(10), { kind: 'too_long', byteCount: 1_000 });
    const next = await reader.takeLine(10);
    assert.equal(next?.kind === 'line' && String(next.bytes), 'next');
    assert.equal(await reader.takeLine(10), undefined);
  });

  it('a line of exactly as many bytes as allowed is taken', async () => {
    const line = await readerOf(`${'x'.repeat(10)}\n`).takeLine(10);
    assert.equal(line?.kind, 'line');
  });

  it('take and peek: the same for chunks of every size; fewer at the end', async () => {
    for (let chunkBytes = 1; chunkBytes <= 10; chunkBytes++) {
      const reader = readerOf('0123456789', chunkBytes);
      assert.equal(String(await reader.peek(4)), '0123');
      assert.equal(String(await reader.take(6)), '012345');
      assert.equal(reader.offset, 6);
      assert.equal(String(await reader.peek(9)), '6789');
      assert.equal(String(await reader.take(9)), '6789');
      assert.equal(reader.offset, 10);
      assert.equal((await reader.take(1)).length, 0);
      assert.equal((await reader.peek(1)).length, 0);
    }
  });

  it('skipZeros: the same for chunks of every size', async () => {
    for (let chunkBytes = 1; chunkBytes <= 8; chunkBytes++) {
      const reader = readerOf('\0\0\0\0\0a\0', chunkBytes);
      assert.equal(await reader.skipZeros(), 5);
      assert.equal(await reader.skipZeros(), 0);
      assert.equal(String(await reader.take(1)), 'a');
      assert.equal(await reader.skipZeros(), 1);
      assert.equal(await reader.skipZeros(), 0);
    }
  });

  it('close: leaves the stream it reads from', async () => {
    let isClosed = false;
    async function* source() {
      try {
        for (;;) yield Buffer.from('endless\n');
      } finally {
        isClosed = true;
      }
    }
    const reader = new ByteReader(source());
    await reader.takeLine(100);
    await reader.close();
    assert.equal(isClosed, true);
  });

  it('a fault of the stream comes behind what is there', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw new UnreadableContent('torn');
    }
    const reader = new ByteReader(source());
    assert.equal(String(await reader.peek(100)), 'half');
    assert.equal(String(await reader.take(4)), 'half');
    await assert.rejects(reader.takeLine(100), UnreadableContent);
    await assert.rejects(new ByteReader(source()).takeLine(100), UnreadableContent);
  });
});
