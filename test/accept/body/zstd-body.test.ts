/** Whole zstd bodies: limits before and after inflating. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { Encoder } from '@toondepauw/node-zstd';
import { inflateZstd, inflateZstdWithin } from '../../../src/accept/body/zstd-body.ts';

const MiB = 1024 * 1024;
const compress = (content: Buffer) => new Encoder(1).encodeSync(content);

describe('inflateZstd', () => {
  it('a frame: its content', async () => {
    const content = randomBytes(300_000);
    const result = await inflateZstd(compress(content), MiB);
    assert.ok(result.kind === 'body' && content.equals(result.bytes));
  });

  it('one byte more than allowed: too large', async () => {
    assert.equal((await inflateZstd(compress(randomBytes(1001)), 1000)).kind, 'too_large');
    assert.equal((await inflateZstd(compress(randomBytes(1000)), 1000)).kind, 'body');
  });

  it('a bomb: is refused by its block headers, before it is inflated', async () => {
    const bomb = compress(Buffer.alloc(64 * MiB));
    assert.ok(bomb.length < 10_000);
    const { arrayBuffers } = process.memoryUsage();
    assert.equal((await inflateZstd(bomb, MiB)).kind, 'too_large');
    assert.ok(process.memoryUsage().arrayBuffers - arrayBuffers < 16 * MiB);
  });

  it('several frames and skippable ones: their contents, one after the other', async () => {
    const skippable = Buffer.from('502a4d1802000000abcd', 'hex');
    const [first, second] = [randomBytes(1000), Buffer.from('text '.repeat(1000))];
    const frames = [skippable, compress(first), skippable, compress(second)];
    const result = await inflateZstd(Buffer.concat(frames), MiB);
    assert.ok(result.kind === 'body' && Buffer.concat([first, second]).equals(result.bytes));
    const empty = await inflateZstd(skippable, MiB);
    assert.ok(empty.kind === 'body' && empty.bytes.length === 0);
  });

  it('several frames: the limit is for all of them together', async () => {
    const half = compress(randomBytes(600));
    assert.equal((await inflateZstd(Buffer.concat([half, half]), 1199)).kind, 'too_large');
    assert.equal((await inflateZstd(Buffer.concat([half, half]), 1200)).kind, 'body');
  });

  it('no frame, or one with something behind it: malformed, with a reason', async () => {
    for (const wrong of [
      Buffer.from('{}'),
      Buffer.concat([compress(Buffer.from('a')), Buffer.of(1)]),
    ]) {
      const result = await inflateZstd(wrong, MiB);
      assert.ok(
        result.kind === 'malformed' && /does not consist of whole frames/.test(result.reason),
      );
    }
  });

  it('a damaged frame: malformed, with a reason', async () => {
    const frame = compress(
      Buffer.from('a sentence that comes often, and then again. '.repeat(1000)),
    );
    frame.fill(0, frame.length - 8);
    const result = await inflateZstd(frame, MiB);
    assert.ok(result.kind === 'malformed' && /cannot be read/.test(result.reason), result.kind);
  });
});

describe('inflateZstdWithin', () => {
  const frame = compress(randomBytes(1000));

  it('what it may stand for is reserved while it is inflated', async () => {
    const calls: [string, number][] = [];
    const budget = {
      reserve: (bytes: number) => calls.push(['reserve', bytes]) > 0,
      release: (bytes: number) => calls.push(['release', bytes]),
    };
    const inflating = inflateZstdWithin(frame, { requestBytesMax: MiB, budget });
    assert.deepEqual(calls, [['reserve', 1000]]);
    assert.equal((await inflating).kind, 'body');
    assert.deepEqual(calls.at(-1), ['release', 1000]);
  });

  it('no room for that: it is not inflated', async () => {
    const budget = { reserve: () => false, release: () => assert.fail('nothing is held') };
    const { kind } = await inflateZstdWithin(frame, { requestBytesMax: MiB, budget });
    assert.equal(kind, 'no_room');
  });
});
