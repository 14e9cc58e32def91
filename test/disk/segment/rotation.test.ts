/** Shows when a segment is sealed, by examples and by random states compared with a plain model. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planRotation, type RotationPlan } from '../../../src/disk/segment/rotation.ts';
import { seededRandom } from '../../random.ts';

const noonMs = Date.parse('2026-11-21T12:00:00Z');
const limits = { segmentBytesMax: 1000, segmentAgeMaxMs: 3_600_000 };
const keep: RotationPlan = { action: 'keep' };

function ns(ms: number): bigint {
  return BigInt(ms) * 1_000_000n;
}

function sealFor(reason: 'date' | 'bytes' | 'age'): RotationPlan {
  return { action: 'seal', reason };
}

describe('planRotation', () => {
  const state = { bytes: 999, firstReceivedTime: ns(noonMs) };

  it('below both limits: keeps', () => {
    assert.deepEqual(planRotation(state, { unixMs: noonMs + 3_599_999 }, limits), keep);
  });

  it('the size reached: seals', () => {
    const full = { ...state, bytes: 1000 };
    assert.deepEqual(planRotation(full, { unixMs: noonMs }, limits), sealFor('bytes'));
  });

  it('rows that would exceed the size: seal before them', () => {
    const now = { unixMs: noonMs, nextReceivedTime: ns(noonMs) };
    const state = { bytes: 600, firstReceivedTime: ns(noonMs) };
    assert.deepEqual(planRotation(state, { ...now, nextBytes: 400 }, limits), keep);
    assert.deepEqual(planRotation(state, { ...now, nextBytes: 401 }, limits), sealFor('bytes'));
  });

  it('the clock was set back: the time since the file was made counts', () => {
    const open = { ...state, openMs: 3_600_000 };
    const now = { unixMs: noonMs - 9_000_000 };
    assert.deepEqual(planRotation(open, now, limits), sealFor('age'));
    assert.deepEqual(planRotation({ ...open, openMs: 3_599_999 }, now, limits), keep);
  });

  it('the age reached: seals', () => {
    assert.deepEqual(planRotation(state, { unixMs: noonMs + 3_600_000 }, limits), sealFor('age'));
  });

  it('rows of the next date: seal', () => {
    const midnight = Date.parse('2026-11-22T00:00:00Z');
    const late = { bytes: 1, firstReceivedTime: ns(midnight) - 1n };
    const now = { unixMs: midnight, nextReceivedTime: ns(midnight) };
    assert.deepEqual(planRotation(late, now, limits), sealFor('date'));
  });

  it('rows of an earlier date, as the clock was set back: seal', () => {
    const now = { unixMs: noonMs - 86_400_000, nextReceivedTime: ns(noonMs - 86_400_000) };
    assert.deepEqual(planRotation(state, now, limits), sealFor('date'));
  });

  it('a date that passes without rows: keeps', () => {
    const late = { bytes: 1, firstReceivedTime: ns(Date.parse('2026-11-21T23:59:59Z')) };
    const now = { unixMs: Date.parse('2026-11-22T00:00:05Z') };
    assert.deepEqual(planRotation(late, now, limits), keep);
  });

  it('a first row from the future: is not old', () => {
    assert.deepEqual(planRotation(state, { unixMs: noonMs - 9_000_000 }, limits), keep);
  });

  it('limits of 0: never seal', () => {
    const huge = { bytes: 2 ** 50, firstReceivedTime: 0n };
    const unlimited = { segmentBytesMax: 0, segmentAgeMaxMs: 0 };
    assert.deepEqual(planRotation(huge, { unixMs: noonMs }, unlimited), keep);
  });

  it('random states: seal exactly when a reason holds, and for the first that does', () => {
    const random = seededRandom();
    const seen = new Set<string>();
    for (let round = 0; round < 20_000; round++) {
      const bytesMax = random.below(4) * 500;
      const ageMaxMs = random.below(3) * 10_000_000;
      const bytes = random.below(2000);
      const firstMs = noonMs + random.below(86_400_000);
      const unixMs = firstMs + random.below(40_000_000) - 10_000_000;
      const nextMs = random.below(2) === 0 ? undefined : unixMs;
      const reasons = [
        nextMs !== undefined &&
          Math.floor(nextMs / 864e5) !== Math.floor(firstMs / 864e5) &&
          'date',
        bytesMax !== 0 && bytes >= bytesMax && 'bytes',
        ageMaxMs !== 0 && unixMs - firstMs >= ageMaxMs && 'age',
      ].filter((reason) => reason !== false);
      const plan = planRotation(
        { bytes, firstReceivedTime: ns(firstMs) + BigInt(random.below(1_000_000)) },
        { unixMs, ...(nextMs !== undefined && { nextReceivedTime: ns(nextMs) }) },
        { segmentBytesMax: bytesMax, segmentAgeMaxMs: ageMaxMs },
      );
      const reason = reasons[0];
      seen.add(reason ?? 'keep');
      assert.deepEqual(plan, reason === undefined ? keep : { action: 'seal', reason });
    }
    assert.equal(seen.size, 4, 'every answer occurred');
  });
});

/**
 * Every history of appends and checks meets these invariants: a segment exceeds its size only by a
 * batch that alone is larger, has rows of one date, and is not older than its age after a check.
 */
describe('planRotation, random histories', () => {
  it('every invariant holds', () => {
    const random = seededRandom();
    for (let round = 0; round < 300; round++) {
      const limits = {
        segmentBytesMax: 1 + random.below(5000),
        segmentAgeMaxMs: 1 + random.below(40_000_000),
      };
      let unixMs = noonMs + random.below(86_400_000);
      let segment: { bytes: number; firstReceivedTime: bigint } | undefined;
      let batches = 0;
      const seal = (now: Parameters<typeof planRotation>[1]) => {
        if (segment === undefined || planRotation(segment, now, limits).action === 'keep') return;
        assert.ok(segment.bytes <= limits.segmentBytesMax || batches === 1);
        segment = undefined;
        batches = 0;
      };
      for (let step = 0; step < 100; step++) {
        unixMs += random.below(4) === 0 ? random.below(9_000_000) : 0;
        const receivedTime = ns(unixMs);
        const nextBytes = 1 + random.below(3000);
        seal({ unixMs, nextReceivedTime: receivedTime, nextBytes });
        segment ??= { bytes: 0, firstReceivedTime: receivedTime };
        const day = (time: bigint) => time / ns(86_400_000);
        assert.equal(day(segment.firstReceivedTime), day(receivedTime));
        assert.ok(segment.bytes < limits.segmentBytesMax, 'a full one takes no further batch');
        segment = { ...segment, bytes: segment.bytes + nextBytes };
        batches += 1;
        unixMs += random.below(1000);
        seal({ unixMs });
        assert.ok(
          !segment || receivedTime - segment.firstReceivedTime < ns(limits.segmentAgeMaxMs),
        );
      }
    }
  });
});
