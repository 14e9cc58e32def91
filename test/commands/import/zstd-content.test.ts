/** Tests that frames are found in a stream by their headers, and that damage has a reason. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Encoder } from '@toondepauw/node-zstd';
import { isZstd, zstdContent } from '../../../src/commands/import/zstd-content.ts';
import { readerOf } from './byte-stream.ts';

const collector = fileURLToPath(new URL('../../../../fixtures/collector/', import.meta.url));
const compress = (bytes: Buffer) => new Encoder(3).encodeSync(bytes);

async function contentOf(bytes: Buffer, chunkBytes = 1000): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of zstdContent(readerOf(bytes, chunkBytes))) parts.push(part);
  return Buffer.concat(parts);
}

/** Bytes of something else, as pzstd and others put between frames. */
function skippable(content: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a5f, 0);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, Buffer.from(content)]);
}

describe('zstd-content', () => {
  it('one frame, several, of every kind of block, with other frames between', async () => {
    const contents = [
      Buffer.from('short'),
      Buffer.alloc(0),
      Buffer.alloc(300_000, 'abc'),
      Buffer.alloc(500_000),
      randomBytes(200_000),
    ];
    const frames = contents.flatMap((content) => [compress(content), skippable('something else')]);
    for (const chunkBytes of [1, 999, 1 << 20]) {
      assert.deepEqual(await contentOf(Buffer.concat(frames), chunkBytes), Buffer.concat(contents));
    }
  });

  it('what the Collector streams, with a checksum and without the length', async () => {
    const plain = readFileSync(`${collector}telemetry.jsonl`);
    const frames = readFileSync(`${collector}native/telemetry.jsonl.zst`);
    assert.deepEqual(await contentOf(frames), plain);
  });

  it('nothing: nothing', async () => {
    assert.equal((await contentOf(Buffer.alloc(0))).length, 0);
  });

  it('cut at any byte: torn, with what came before it', async () => {
    const first = compress(Buffer.from('first'));
    const file = Buffer.concat([first, compress(Buffer.from('second second second'))]);
    for (let cut = first.length + 4; cut < file.length; cut++) {
      const parts: string[] = [];
      const reading = (async () => {
        const reader = readerOf(file.subarray(0, cut));
        for await (const part of zstdContent(reader)) parts.push(String(part));
      })();
      await assert.rejects(reading, /torn/, `cut at ${cut}`);
      assert.deepEqual(parts, ['first']);
    }
  });

  it('damaged, or followed by something else: a reason', async () => {
    const frame = compress(Buffer.alloc(1_000, 'abc'));
    await assert.rejects(contentOf(Buffer.concat([frame, Buffer.from('text')])), /no zstd/);
    const damaged = Buffer.from(frame);
    damaged.fill(0xff, 8, 14);
    await assert.rejects(contentOf(damaged), /zstd/);
  });

  it('a frame that claims far too much: refused, with the remedy', async () => {
    const blockCount = 20_000;
    const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]);
    // Blocks of one byte that is repeated 128 KiB times.
    const block = Buffer.from([0x02, 0x00, 0x10, 0x61]);
    const blocks = Array.from({ length: blockCount }, () => block);
    const last = Buffer.from([0x03, 0x00, 0x10, 0x61]);
    const bomb = Buffer.concat([head, ...blocks, last]);
    await assert.rejects(contentOf(bomb), /more than 256MiB.*zstd -dc FILE \| archer import -/);
  });

  it('isZstd: by the first four bytes', () => {
    assert.equal(isZstd(compress(Buffer.from('x')).subarray(0, 4)), true);
    assert.equal(isZstd(Buffer.from([0x28, 0xb5, 0x2f])), false);
    assert.equal(isZstd(Buffer.from('{"resourceSpans"')), false);
  });
});
