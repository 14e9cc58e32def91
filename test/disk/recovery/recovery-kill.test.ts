/**
 * Kills recovery at every disk call, and cuts the power. The next recovery gives the same result.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom, type TestRandom } from '../../random.ts';
import { Death, dyingStorage } from '../dying-storage.ts';
import {
  archivedPositions,
  archivedRows,
  emptyArchive,
  filesOf,
  namesOf,
  otherId,
  putCheckpoint,
  putSegment,
  range,
  recover,
  schemaBytes,
  segmentBytes,
} from '../left-archive.ts';
import type { VolatileStorage } from '../volatile-storage.ts';

/**
 * An archive with one segment in each state. The whole positions of traces are 1 to 18 and 31 to
 * 36.
 */
function everyState(): VolatileStorage {
  const storage = emptyArchive();
  putCheckpoint(storage, { nextSegmentNumber: 4 });
  putSegment(storage, { number: 1, batches: [[1, 3]] });
  putSegment(storage, {
    number: 2,
    batches: [
      [4, 6],
      [7, 9],
    ],
    isSealed: false,
  });
  const torn = {
    number: 3,
    batches: [
      [10, 12],
      [13, 15],
      [19, 30],
    ],
    isSealed: false,
  } as const;
  putSegment(storage, torn, segmentBytes(torn).subarray(0, -700));
  const damaged = {
    number: 4,
    batches: [
      [16, 18],
      [19, 30],
      [31, 36],
    ],
  } as const;
  const bytes = segmentBytes(damaged);
  bytes[segmentBytes({ ...damaged, batches: damaged.batches.slice(0, 2) }).length - 20]! ^= 4;
  putSegment(storage, damaged, bytes);
  putSegment(storage, { number: 5, batches: [[4, 6]], isSealed: false });
  putSegment(storage, { number: 6, batches: [] }, new Uint8Array(0));
  putSegment(storage, { number: 7, batches: [] }, schemaBytes());
  putSegment(storage, { number: 8, batches: [] }, Buffer.alloc(4096));
  const foreign = { number: 9, recorder: otherId, batches: [[100, 102]], isSealed: false } as const;
  putSegment(storage, foreign);
  putSegment(storage, { number: 10, signal: 'logs', batches: [[40, 41]], isSealed: false });
  return storage;
}

const whole = [...range(1, 18), ...range(31, 36), 40, 41, ...range(100, 102)];

/** Returns true if recovery died. */
function recoverUntil(storage: VolatileStorage, callsBefore: number): boolean {
  try {
    recover(dyingStorage(storage, callsBefore));
    return false;
  } catch (error) {
    if (error instanceof Death) return true;
    throw error;
  }
}

function callCount(): number {
  let count = 0;
  while (recoverUntil(everyState(), count)) count += 1;
  return count;
}

describe('recoverSegments: killed', () => {
  const expected = everyState();
  const answer = recover(expected);
  const count = callCount();

  it('uninterrupted: has each whole batch once', () => {
    assert.deepEqual(archivedRows(expected), whole);
    assert.deepEqual(archivedPositions(answer, 50), [...range(1, 18), ...range(31, 36)]);
    assert.deepEqual(archivedPositions(answer, 50, 'logs'), [40, 41]);
    assert.equal(namesOf(expected).filter((name) => name.startsWith('.archer/damaged/')).length, 3);
  });

  it('at each call of the disk: the next one leaves the same bytes and gives the same answers', () => {
    assert.ok(count > 100, `only ${count} calls`);
    for (let calls = 0; calls < count; calls++) {
      const storage = everyState();
      assert.ok(recoverUntil(storage, calls));
      checkAnswers(storage);
      assert.deepEqual(filesOf(storage), filesOf(expected), `killed at call ${calls}`);
    }
  });

  it('at any moment: a damaged segment is in its place or set aside', () => {
    for (let calls = 0; calls < count; calls++) {
      const storage = everyState();
      recoverUntil(storage, calls);
      const found = filesOf(storage);
      const names = [...found.keys()].filter((name) => name.includes('-000004.arrow'));
      const inPlace = names.filter((name) => name.includes('/traces/'));
      const originals = names.filter((name) => /damaged\/[^/]*\.arrow$/.test(name));
      assert.ok(inPlace.length + originals.length >= 1, `killed at call ${calls}`);
    }
  });

  it('again and again: the last one still comes to the same end', () => {
    const random = seededRandom();
    for (let round = 0; round < 150; round++) {
      const storage = everyState();
      while (recoverUntil(storage, random.below(count + 20)));
      checkAnswers(storage);
      assert.deepEqual(filesOf(storage), filesOf(expected));
    }
  });

  it('by a loss of power, again and again: each whole batch is there once', () => {
    const random = seededRandom();
    for (let round = 0; round < 200; round++) {
      const storage = everyState();
      while (recoverUntil(storage, random.below(count + 20))) storage.losePower(random);
      storage.losePower(random);
      checkAfterPowerLoss(storage, random);
    }
  });

  function checkAnswers(storage: VolatileStorage): void {
    const found = recover(storage);
    assert.deepEqual(found.nextPosition, answer.nextPosition);
    assert.deepEqual(found.nextSegmentNumber, answer.nextSegmentNumber);
    assert.deepEqual(found.neededFrom, answer.neededFrom);
    for (const signal of ['traces', 'metrics', 'logs'] as const) {
      assert.deepEqual(archivedPositions(found, 50, signal), archivedPositions(answer, 50, signal));
    }
  }
});

function checkAfterPowerLoss(storage: VolatileStorage, random: TestRandom): void {
  assert.deepEqual(archivedRows(storage), whole, 'what recovery left is durable');
  recover(storage);
  storage.losePower(random);
  assert.deepEqual(archivedRows(storage), whole);
  const damaged = namesOf(storage).filter((name) => name.startsWith('.archer/damaged/'));
  for (const number of ['04', '05', '08']) {
    assert.ok(
      damaged.some((name) => name.includes(`-0000${number}.arrow`)),
      'originals are kept',
    );
  }
  assert.deepEqual(
    damaged.filter((name) => name.endsWith('.tmp')),
    [],
  );
}
