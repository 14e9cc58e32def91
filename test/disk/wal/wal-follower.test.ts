/** A follower reads a log while it is written, with files that are reused many times. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Followed, WalFollower } from '../../../src/disk/wal/wal-follower.ts';
import type { WalWriter } from '../../../src/disk/wal/wal-writer.ts';
import { seededRandom } from '../../random.ts';
import {
  appendGroup,
  bodyOf,
  filePath,
  openLog,
  otherRecorderId,
  owner,
  range,
} from '../example-log.ts';
import { VolatileStorage } from '../volatile-storage.ts';

const folder = '/log';

function follower(storage: VolatileStorage, recorderId: string = owner.recorderId): WalFollower {
  return new WalFollower({ ...owner, recorderId, storage, folder });
}

/**
 * Reads until nothing is left, at most `readsMax` times. Returns positions, and `…9` if positions
 * up to 9 were overtaken.
 */
function readAll(following: WalFollower, from = 1, readsMax = 1000): (number | string)[] {
  const found: (number | string)[] = [];
  let position = from;
  for (let reads = 0; reads < readsMax; reads++) {
    const followed = following.read(position);
    if (followed.kind === 'overtaken') found.push(`…${followed.through}`);
    else found.push(...followed.frames.map((frame) => frame.position));
    const last = lastPosition(followed);
    if (last === undefined) return found;
    position = last + 1;
  }
  return found;
}

function lastPosition(followed: Followed): number | undefined {
  return followed.kind === 'overtaken' ? followed.through : followed.frames.at(-1)?.position;
}

/** Appends groups of one frame. Before each append, all earlier frames are released. */
function appendReleased(log: WalWriter, positions: readonly number[], bodyBytes = 500): void {
  for (const position of positions) {
    log.release(position);
    assert.notEqual(appendGroup(log, position, [bodyBytes]), 'full');
  }
}

describe('WalFollower', () => {
  it('no log, or an empty one: nothing', () => {
    const storage = new VolatileStorage();
    assert.deepEqual(readAll(follower(storage)), []);
    openLog(storage, folder);
    assert.deepEqual(readAll(follower(storage)), []);
  });

  it('frames as they come: each once, with its body', () => {
    const storage = new VolatileStorage();
    const log = openLog(storage, folder);
    const following = follower(storage);
    appendGroup(log, 1, [100, 0, 2000]);
    const first = following.read(1);
    assert.ok(first.kind === 'frames');
    assert.deepEqual(
      first.frames.map(({ position, body }) => [position, Buffer.from(body)]),
      [100, 0, 2000].map((bytes, index) => [index + 1, Buffer.from(bodyOf(index + 1, bytes))]),
    );
    assert.deepEqual(following.read(4), { kind: 'frames', frames: [] });
    appendGroup(log, 4, [50]);
    assert.deepEqual(readAll(following, 4), [4]);
  });

  it('from the middle: what lies before is passed over', () => {
    const storage = new VolatileStorage();
    appendGroup(openLog(storage, folder), 1, [300, 300, 300, 300]);
    assert.deepEqual(readAll(follower(storage), 3), [3, 4]);
  });

  it('over many files: all of it, while they are used in turn', () => {
    const storage = new VolatileStorage();
    const log = openLog(storage, folder);
    const following = follower(storage);
    const found: (number | string)[] = [];
    for (let position = 1; position <= 200; position += 5) {
      appendReleased(log, range(position, position + 4));
      found.push(...readAll(following, position));
    }
    assert.deepEqual(found, range(1, 200));
  });

  it('too slow: says through which position it was overtaken, and goes on behind it', () => {
    const storage = new VolatileStorage();
    const log = openLog(storage, folder);
    const following = follower(storage);
    appendReleased(log, range(1, 3));
    assert.deepEqual(readAll(following), [1, 2, 3]);
    appendReleased(log, range(4, 300));
    const found = readAll(following, 4);
    const through = Number(String(found[0]).slice(1));
    assert.ok(through > 4 && through < 300, String(found[0]));
    assert.deepEqual(found.slice(1), range(through + 1, 300));
  });

  it('a new one on an old log: begins with what is there', () => {
    const storage = new VolatileStorage();
    appendReleased(openLog(storage, folder), range(1, 300));
    const found = readAll(follower(storage));
    assert.equal(follower(storage).oldestPosition(), found[1]);
    assert.equal(String(found[0])[0], '…');
    assert.equal(found.at(-1), 300);
  });

  it('positions that were refused: are passed over without a word', () => {
    const storage = new VolatileStorage();
    const log = openLog(storage, folder);
    const following = follower(storage);
    appendGroup(log, 1, [100]);
    assert.deepEqual(readAll(following), [1]);
    appendGroup(log, 7, [100]);
    assert.deepEqual(readAll(following, 2), [7]);
    appendGroup(log, 8, [100]);
    assert.deepEqual(readAll(following, 8), [8]);
    assert.deepEqual(readAll(follower(storage)), [1, 7, 8]);
  });

  it('a file of its own for a large frame, which is removed when it is released', () => {
    const storage = new VolatileStorage();
    const log = openLog(storage, folder);
    const following = follower(storage);
    appendGroup(log, 1, [100]);
    appendGroup(log, 2, [100_000]);
    appendGroup(log, 3, [100]);
    assert.deepEqual(readAll(following), [1, 2, 3]);
    log.release(3);
    appendGroup(log, 4, [100]);
    assert.deepEqual(readAll(follower(storage)), [1, '…2', 3, 4]);
  });

  it('a damaged frame: is given up when the log has gone on in another file', () => {
    const storage = new VolatileStorage();
    const log = openLog(storage, folder);
    appendGroup(log, 1, [500, 500, 500]);
    storage.bytesOf(filePath(folder, 1))[700]! ^= 1;
    const following = follower(storage);
    assert.deepEqual(readAll(following), [1]);
    appendGroup(log, 4, [3000]);
    assert.deepEqual(readAll(following, 2), ['…3', 4]);
  });

  it('opened again, after a kill: the same log goes on', () => {
    const storage = new VolatileStorage();
    appendGroup(openLog(storage, folder), 1, [100, 100]);
    const following = follower(storage);
    assert.deepEqual(readAll(following), [1, 2]);
    appendGroup(openLog(storage, folder, { neededFrom: 3 }), 3, [100]);
    assert.deepEqual(readAll(following, 3), [3]);
    assert.deepEqual(readAll(follower(storage)), [1, 2, 3]);
  });

  it('a log of another recorder: nothing', () => {
    const storage = new VolatileStorage();
    appendGroup(openLog(storage, folder), 1, [100]);
    assert.deepEqual(readAll(follower(storage, otherRecorderId)), []);
  });

  it('any order of appends, refusals, releases and reads: nothing is given twice or skipped', () => {
    const random = seededRandom();
    for (let round = 0; round < 30; round++) {
      const storage = new VolatileStorage();
      const log = openLog(storage, folder);
      const following = follower(storage);
      const written = new Map<number, number>();
      let next = 1;
      let wanted = 1;
      for (let step = 0; step < 150; step++) {
        if (random.below(3) > 0) {
          if (random.below(10) === 0) next += 1 + random.below(3);
          log.release(Math.max(1, next - random.below(3)));
          const bytes = Array.from({ length: 1 + random.below(4) }, () => random.below(1500));
          if (random.below(20) === 0) bytes.push(6000);
          if (appendGroup(log, next, bytes) === 'full') continue;
          for (const [index, count] of bytes.entries()) written.set(next + index, count);
          next += bytes.length;
          continue;
        }
        const followed = following.read(wanted);
        if (followed.kind === 'overtaken') {
          assert.ok(followed.through >= wanted && followed.through < next);
          wanted = followed.through + 1;
          continue;
        }
        for (const { position, body } of followed.frames) {
          for (let skipped = wanted; skipped < position; skipped++) {
            assert.ok(!written.has(skipped), `round ${round}: ${skipped} was skipped`);
          }
          assert.ok(Buffer.from(bodyOf(position, written.get(position)!)).equals(body));
          wanted = position + 1;
        }
      }
      const rest = readAll(following, wanted);
      assert.ok(rest.length > 0 ? rest.at(-1) === next - 1 : wanted >= next - 3, `round ${round}`);
    }
  });
});
