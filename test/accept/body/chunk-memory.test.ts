/** Chunks whose bytes were copied give their memory back at once. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { discardChunks } from '../../../src/accept/body/chunk-memory.ts';

describe('chunk-memory', () => {
  it('discard: a chunk with a buffer of its own loses it at once', () => {
    const chunks = [Buffer.alloc(65_536), Buffer.alloc(4096)];
    discardChunks(chunks);
    assert.deepEqual(
      chunks.map((chunk) => chunk.buffer.byteLength),
      [0, 0],
    );
  });

  it('discard: the memory is freed, not handed to another', () => {
    const before = process.memoryUsage().arrayBuffers;
    for (let index = 0; index < 100; index++) discardChunks([Buffer.alloc(1024 * 1024)]);
    assert.ok(process.memoryUsage().arrayBuffers - before < 10 * 1024 * 1024);
  });

  it('discard: a message behind the prefix of gRPC loses its buffer, too', () => {
    const message = Buffer.alloc(5 + 10_000).subarray(5);
    discardChunks([message]);
    assert.equal(message.buffer.byteLength, 0);
  });

  it('discard: a part of a larger buffer stays, and so does what is small or shared', () => {
    const chunks = [
      Buffer.alloc(65_536).subarray(32_768),
      Buffer.alloc(4095),
      new Uint8Array(new SharedArrayBuffer(8192)),
      Buffer.from('from the pool'),
    ];
    const lengths = chunks.map((chunk) => chunk.byteLength);
    discardChunks(chunks);
    assert.deepEqual(
      chunks.map((chunk) => chunk.byteLength),
      lengths,
    );
  });
});
