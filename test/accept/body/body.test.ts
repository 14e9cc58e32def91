/** Bodies gathered from streams: encodings, limits, budget, and sources that break off. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { Encoder } from '@toondepauw/node-zstd';
import { type BodyResult, gatherBody } from '../../../src/accept/body/body.ts';
import type { BodyEncoding } from '../../../src/accept/body/inflate.ts';

class Budget {
  held = 0;
  highest = 0;
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  reserve(bytes: number): boolean {
    if (this.held + bytes > this.#max) return false;
    this.held += bytes;
    this.highest = Math.max(this.highest, this.held);
    return true;
  }

  release(bytes: number): void {
    this.held -= bytes;
  }
}

const MiB = 1024 * 1024;

function gather(
  source: Readable,
  encoding: BodyEncoding,
  budget = new Budget(64 * MiB),
  requestBytesMax = MiB,
): Promise<BodyResult> {
  return new Promise((resolve, reject) => {
    let calls = 0;
    gatherBody(source, encoding, { requestBytesMax, budget }, (result) => {
      calls += 1;
      if (calls > 1) reject(new Error('called back twice'));
      resolve(result);
    });
  });
}

/** A source that gives the bytes in pieces of a size. */
function inPieces(bytes: Buffer, size: number): Readable {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return Readable.from(pieces, { objectMode: false });
}

async function assertBody(source: Readable, encoding: BodyEncoding, expected: Buffer) {
  const budget = new Budget(64 * MiB);
  const result = await gather(source, encoding, budget);
  assert.equal(result.kind, 'body');
  if (result.kind !== 'body') return;
  assert.ok(Buffer.concat(result.chunks).equals(expected));
  assert.equal(result.bytes, expected.length);
  assert.equal(budget.held, expected.length, 'a whole body holds its bytes');
}

/** Refused, and with nothing left reserved. */
async function assertRefused(
  kind: BodyResult['kind'],
  source: Readable,
  encoding: BodyEncoding,
  budget = new Budget(64 * MiB),
): Promise<BodyResult> {
  const result = await gather(source, encoding, budget);
  assert.equal(result.kind, kind);
  assert.equal(budget.held, 0, 'a refused body holds nothing');
  return result;
}

describe('body', () => {
  const bytes = randomBytes(500_000);

  it('identity: whole, in pieces of any size, or empty', async () => {
    await assertBody(inPieces(bytes, bytes.length), 'identity', bytes);
    await assertBody(inPieces(bytes, 7_001), 'identity', bytes);
    await assertBody(inPieces(bytes.subarray(0, 3_000), 1), 'identity', bytes.subarray(0, 3_000));
    await assertBody(Readable.from([], { objectMode: false }), 'identity', Buffer.alloc(0));
  });

  it('identity: exactly the limit passes, one byte more does not', async () => {
    await assertBody(inPieces(Buffer.alloc(MiB), 65_536), 'identity', Buffer.alloc(MiB));
    await assertRefused('too_large', inPieces(Buffer.alloc(MiB + 1), 65_536), 'identity');
  });

  it('identity: stops at the limit and lets the rest flow by', async () => {
    const source = inPieces(Buffer.alloc(8 * MiB), 65_536);
    const ended = new Promise((resolve) => source.on('end', resolve));
    const budget = new Budget(64 * MiB);
    await assertRefused('too_large', source, 'identity', budget);
    assert.ok(budget.highest <= MiB);
    await ended;
  });

  it('identity: no room is a result, and the rest flows by', async () => {
    const source = inPieces(bytes, 10_000);
    const ended = new Promise((resolve) => source.on('end', resolve));
    await assertRefused('no_room', source, 'identity', new Budget(100_000));
    await ended;
  });

  it('identity: a source that breaks off is aborted', async () => {
    const closed = new PassThrough();
    closed.write(bytes);
    setImmediate(() => closed.destroy());
    await assertRefused('aborted', closed, 'identity');
    const failed = new PassThrough();
    failed.write(bytes);
    setImmediate(() => failed.destroy(new Error('reset')));
    await assertRefused('aborted', failed, 'identity');
  });

  it('gzip: several members are one body', async () => {
    const halves = [bytes.subarray(0, 200_000), bytes.subarray(200_000)];
    const members = Buffer.concat(halves.map((half) => gzipSync(half)));
    await assertBody(inPieces(members, 10_000), 'gzip', bytes);
  });

  it('gzip: the limit holds for the compressed bytes too', async () => {
    const members = Buffer.alloc(2 * MiB);
    const empty = gzipSync(Buffer.alloc(0));
    for (let at = 0; at + empty.length <= members.length; at += empty.length) {
      empty.copy(members, at);
    }
    await assertRefused('too_large', inPieces(members, 65_536), 'gzip');
  });

  const compressors = {
    gzip: gzipSync,
    deflate: deflateSync,
    zstd: (content: Buffer) => new Encoder(1).encodeSync(content),
  } as const;

  it('zstd: what it may stand for is reserved while it is inflated', async () => {
    const budget = new Budget(64 * MiB);
    const source = inPieces(compressors.zstd(Buffer.alloc(MiB)), 1_000);
    const gathered = gather(source, 'zstd', budget);
    const held = await new Promise<number>((resolve) => {
      source.on('end', () => resolve(budget.held));
    });
    assert.ok(held >= MiB, `${held} bytes held`);
    assert.equal((await gathered).kind, 'body');
    assert.equal(budget.held, MiB);
  });

  for (const encoding of ['gzip', 'deflate', 'zstd'] as const) {
    const compress = compressors[encoding];

    it(`${encoding}: whole, in pieces of any size, or empty`, async () => {
      const compressed = compress(bytes);
      await assertBody(inPieces(compressed, compressed.length), encoding, bytes);
      await assertBody(inPieces(compressed, 7_001), encoding, bytes);
      const small = compress(bytes.subarray(0, 2_000));
      await assertBody(inPieces(small, 1), encoding, bytes.subarray(0, 2_000));
      await assertBody(inPieces(compress(Buffer.alloc(0)), 100), encoding, Buffer.alloc(0));
    });

    it(`${encoding}: exactly the limit passes, one byte more does not`, async () => {
      const limit = compress(Buffer.alloc(MiB));
      await assertBody(inPieces(limit, 1_000), encoding, Buffer.alloc(MiB));
      await assertRefused('too_large', inPieces(compress(Buffer.alloc(MiB + 1)), 1_000), encoding);
    });

    it(`${encoding}: a bomb is stopped at the limit`, async () => {
      const bomb = compress(Buffer.alloc(256 * MiB));
      assert.ok(bomb.length < 300_000);
      const budget = new Budget(512 * MiB);
      await assertRefused('too_large', inPieces(bomb, 65_536), encoding, budget);
      assert.ok(budget.highest <= MiB, `${budget.highest} bytes inflated`);
    });

    it(`${encoding}: no room while inflating is a result, and the rest flows by`, async () => {
      const source = inPieces(compress(bytes), 5_000);
      const ended = new Promise((resolve) => source.on('end', resolve));
      await assertRefused('no_room', source, encoding, new Budget(100_000));
      await ended;
    });

    it(`${encoding}: damaged, cut off, or none at all is malformed, with a reason`, async () => {
      const compressed = compress(bytes);
      const damaged = Buffer.from(compressed);
      damaged.fill(0xff, 4, 20);
      for (const wrong of [damaged, compressed.subarray(0, 1_000), Buffer.from('{"a":1}')]) {
        const result = await assertRefused('malformed', inPieces(wrong, 700), encoding);
        assert.ok(result.kind === 'malformed' && result.reason.startsWith(`its ${encoding} data`));
      }
    });

    it(`${encoding}: a source that breaks off is aborted`, async () => {
      const source = new PassThrough();
      source.write(compress(bytes).subarray(0, 5_000));
      setTimeout(() => source.destroy(), 20);
      await assertRefused('aborted', source, encoding);
    });

    it(`${encoding}: a source that closes behind its end is still inflated`, async () => {
      const source = new PassThrough({ autoDestroy: true });
      source.end(compress(bytes));
      await assertBody(source, encoding, bytes);
    });
  }
});
