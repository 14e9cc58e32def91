/** Chunks stay in order and few. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ChunkList } from '../../../src/accept/body/chunk-list.ts';

function gather(chunks: readonly Uint8Array[]): { bytes: Buffer; taken: readonly Uint8Array[] } {
  const list = new ChunkList();
  for (const chunk of chunks) list.push(chunk);
  const taken = list.take();
  assert.equal(
    list.bytes,
    chunks.reduce((sum, chunk) => sum + chunk.length, 0),
  );
  return { bytes: Buffer.concat(taken), taken };
}

describe('chunk-list', () => {
  it('take: nothing in, nothing out', () => {
    assert.deepEqual(gather([]).taken, []);
  });

  it('push: usual chunks are kept as they came, without a copy', () => {
    const chunks = Array.from({ length: 40 }, () => Buffer.alloc(65_536));
    const { taken } = gather(chunks);
    assert.ok(taken.every((chunk, index) => chunk === chunks[index]));
  });

  it('push: a flood of single bytes becomes few chunks', () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
    const gathered = gather(Array.from(bytes, (_, index) => bytes.subarray(index, index + 1)));
    assert.deepEqual(gathered.bytes, bytes);
    assert.ok(gathered.taken.length < 30, `${gathered.taken.length} chunks`);
  });

  it('push: small and large chunks in turn stay in order and share blocks', () => {
    const sizes = Array.from({ length: 400 }, (_, index) => (index % 2 === 0 ? 3 : 5_000));
    const chunks = sizes.map((size, index) => Buffer.alloc(size, index));
    const { bytes, taken } = gather(chunks);
    assert.deepEqual(bytes, Buffer.concat(chunks));
    const blocks = new Set(taken.filter(({ length }) => length === 3).map(({ buffer }) => buffer));
    assert.ok(blocks.size < 12, `${blocks.size} buffers behind the small chunks`);
  });

  it('push: chunks of every size around the bounds', () => {
    const chunks = Array.from({ length: 60 }, (_, index) => Buffer.alloc(4_066 + index, index));
    assert.deepEqual(gather(chunks).bytes, Buffer.concat(chunks));
  });
});
