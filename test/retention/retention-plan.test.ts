/** Shows what retention decides, for examples and for random catalogues and clocks. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SegmentSummary } from '../../src/disk/catalogue/segment-summary.ts';
import {
  freeSpaceAgeMinMs,
  ownSegments,
  planRetention,
  type RetentionLimits,
  type RetentionNow,
  type RetentionPlan,
  type RetentionSegment,
} from '../../src/retention/retention-plan.ts';
import { signals } from '../../src/shared/signal.ts';
import { otherId, pathOf, recorderId } from '../disk/left-archive.ts';
import { seededRandom, type TestRandom } from '../random.ts';

const hourMs = 3_600_000;
const nowMs = 1_795_251_185_123;
const noneSealed = { monotonicMs: 0, sealedMs: new Map<number, number>() };
const now: RetentionNow = { unixMs: nowMs, freeBytes: 1000, ...noneSealed };
const unlimited: RetentionLimits = {
  ageMaxMs: { traces: 0, metrics: 0, logs: 0 },
  bytesMax: 0,
  freeBytesMin: 0,
};

function segment(number: number, ageHours: number, change: Partial<RetentionSegment> = {}) {
  const { signal = 'traces' } = change;
  const lastReceivedTime = BigInt(nowMs - ageHours * hourMs) * 1_000_000n;
  const path = pathOf({ number, signal });
  return { path, signal, number, bytes: 100, lastReceivedTime, isSettled: true, ...change };
}

function deleted(plan: RetentionPlan): [number, string][] {
  return plan.deletions.map(({ path, reason }) => [
    Number(/-(\d+)\.arrow/.exec(path)?.[1]),
    reason,
  ]);
}

describe('planRetention', () => {
  const four = [segment(1, 1), segment(2, 9), segment(3, 5), segment(4, 3, { signal: 'logs' })];

  it('no limits: nothing goes', () => {
    assert.deepEqual(planRetention(four, now, unlimited), { deletions: [], missingFreeBytes: 0 });
  });

  it('an age: those whose newest row has it go, each signal by its own', () => {
    const ageMaxMs = { traces: 5 * hourMs, metrics: hourMs, logs: 0 };
    const plan = planRetention(four, now, { ...unlimited, ageMaxMs });
    assert.deepEqual(deleted(plan), [
      [2, 'age'],
      [3, 'age'],
    ]);
    const logs = { ...ageMaxMs, traces: 0, logs: 3 * hourMs };
    assert.deepEqual(deleted(planRetention(four, now, { ...unlimited, ageMaxMs: logs })), [
      [4, 'age'],
    ]);
  });

  it('a clock that was set ahead: what this run sealed is as old as that', () => {
    const ageMaxMs = { traces: 5 * hourMs, metrics: 0, logs: 0 };
    const limits = { ...unlimited, ageMaxMs, freeBytesMin: 9_999 };
    const sealedMs = new Map([
      [1, 0],
      [2, 3 * hourMs],
    ]);
    const ahead = { unixMs: nowMs + 999 * hourMs, freeBytes: 0, sealedMs };
    const soon = { ...ahead, monotonicMs: 3.5 * hourMs };
    // Earlier runs sealed 3 and 4: only the clock of the system tells their age.
    assert.deepEqual(deleted(planRetention(four, soon, limits)), [
      [3, 'age'],
      [4, 'free_space'],
      [1, 'free_space'],
    ]);
    const late = { ...ahead, monotonicMs: 6 * hourMs };
    assert.deepEqual(deleted(planRetention(four, late, { ...unlimited, ageMaxMs })), [
      [3, 'age'],
      [1, 'age'],
    ]);
  });

  it('bytes: the oldest of all signals go until the rest is within the limit', () => {
    const plan = (bytesMax: number) =>
      deleted(planRetention(four, now, { ...unlimited, bytesMax }));
    assert.deepEqual(plan(400), []);
    assert.deepEqual(plan(399), [[2, 'bytes']]);
    assert.deepEqual(plan(200), [
      [2, 'bytes'],
      [3, 'bytes'],
    ]);
    assert.equal(plan(1).length, 4);
  });

  it('free space: the oldest go until there is enough, and none younger than an hour', () => {
    const young = [...four, segment(5, 0.5)];
    const plan = (freeBytesMin: number) =>
      planRetention(young, now, { ...unlimited, freeBytesMin });
    assert.deepEqual(deleted(plan(1000)), []);
    assert.deepEqual(deleted(plan(1150)), [
      [2, 'free_space'],
      [3, 'free_space'],
    ]);
    const all = plan(9999);
    assert.deepEqual(
      deleted(all).map(([number]) => number),
      [2, 3, 4, 1],
    );
    assert.equal(all.missingFreeBytes, 9999 - 1400);
  });

  it('what goes by one limit: counts for the next ones', () => {
    const ageMaxMs = { traces: 9 * hourMs, metrics: 0, logs: 0 };
    const limits = { ageMaxMs, bytesMax: 300, freeBytesMin: 1150 };
    assert.deepEqual(deleted(planRetention(four, now, limits)), [
      [2, 'age'],
      [3, 'free_space'],
    ]);
  });

  it('a segment that no checkpoint is past: counts, and stays', () => {
    const open = [segment(1, 9, { isSettled: false }), segment(2, 1)];
    assert.deepEqual(deleted(planRetention(open, now, { ...unlimited, bytesMax: 100 })), [
      [2, 'bytes'],
    ]);
  });

  it('a clock set back: makes segments younger, and none goes for its age', () => {
    const ageMaxMs = { traces: hourMs, metrics: hourMs, logs: hourMs };
    const before = { ...now, unixMs: nowMs - 99 * hourMs };
    assert.deepEqual(deleted(planRetention(four, before, { ...unlimited, ageMaxMs })), []);
  });
});

describe('ownSegments', () => {
  const archived = { traces: 9n, metrics: 0n, logs: 0n };
  const checkpoint = {
    recorder: recorderId,
    nextSegmentNumber: 9,
    oldestOpenNumber: 9,
    lanes: [{ lane: 0, nextPosition: 10n, archived }],
  };
  const summary = (change: Partial<SegmentSummary> = {}): SegmentSummary => ({
    ...{ path: pathOf({ number: 1 }), signal: 'traces', number: 1, state: 'sealed' },
    ...{ bytes: 10, rows: 1, firstTime: null, lastTime: null, services: [] },
    ...{ firstReceivedTime: 1n, lastReceivedTime: 2n },
    ranges: [{ recorder: recorderId, lane: 0, from: 1n, to: 9n }],
    ...change,
  });
  const isSettled = (change: Partial<SegmentSummary>, point: Parameters<typeof ownSegments>[2]) =>
    ownSegments([summary(change)], recorderId, point).map((own) => own.isSettled);

  it('a segment up to the checkpoint: is settled', () => {
    assert.deepEqual(isSettled({}, checkpoint), [true]);
  });

  it('one behind it, of another lane or signal, or without a checkpoint: is not', () => {
    const range = { recorder: recorderId, lane: 0, from: 1n, to: 10n };
    assert.deepEqual(isSettled({ ranges: [range] }, checkpoint), [false]);
    assert.deepEqual(isSettled({ ranges: [{ ...range, to: 9n, lane: 1 }] }, checkpoint), [false]);
    assert.deepEqual(isSettled({ signal: 'logs' }, checkpoint), [false]);
    assert.deepEqual(isSettled({}, 'absent'), [false]);
    assert.deepEqual(isSettled({}, { ...checkpoint, recorder: otherId }), [false]);
  });

  it('of others, active, or without times: is none of ours', () => {
    const foreign = { recorder: otherId, lane: 0, from: 1n, to: 1n };
    const own = { recorder: recorderId, lane: 0, from: 1n, to: 1n };
    const others: Partial<SegmentSummary>[] = [
      { ranges: [foreign] },
      { ranges: [own, foreign] },
      { ranges: [] },
      { ranges: null },
      { state: 'active' },
      { state: 'torn' },
      { lastReceivedTime: null },
    ];
    for (const change of others) assert.deepEqual(isSettled(change, checkpoint), []);
  });
});

/**
 * Every plan must meet these invariants:
 * 1. Only settled segments are deleted, each once.
 * 2. By age, no segment is deleted too early, and none is kept too long.
 * 3. By bytes and for free space, the oldest allowed segments are deleted first, and no more than
 *    necessary.
 * 4. A limit is exceeded only if no further segment may be deleted.
 * 5. No segment younger than an hour is deleted for free space.
 * 6. After the plan is carried out, a second plan deletes nothing.
 */
describe('planRetention, random catalogues and clocks', () => {
  it('every invariant holds', () => {
    const random = seededRandom();
    for (let round = 0; round < 3000; round++) {
      const segments = randomSegments(random);
      const at = randomNow(random);
      const limits = randomLimits(random);
      const plan = planRetention(segments, at, limits);
      const text = `round ${round}: ${JSON.stringify({ plan, limits }, bigintText)}`;
      checkPlan(segments, at, limits, plan, text);
    }
  });
});

function bigintText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function checkPlan(
  segments: readonly RetentionSegment[],
  at: RetentionNow,
  limits: RetentionLimits,
  plan: RetentionPlan,
  text: string,
): void {
  const byPath = new Map(segments.map((one) => [one.path, one]));
  const gone = plan.deletions.map(({ path, reason }) => ({ ...byPath.get(path)!, reason }));
  const paths = new Set(gone.map(({ path }) => path));
  const left = segments.filter(({ path }) => !paths.has(path));
  const ageMs = (one: RetentionSegment) => {
    const sealedMs = at.sealedMs.get(one.number) ?? Number.NEGATIVE_INFINITY;
    const unixAgeMs = at.unixMs - Number(one.lastReceivedTime / 1_000_000n);
    return Math.min(unixAgeMs, at.monotonicMs - sealedMs);
  };
  const isOverAge = (one: RetentionSegment) =>
    limits.ageMaxMs[one.signal] > 0 && ageMs(one) >= limits.ageMaxMs[one.signal];
  const may = left.filter(({ isSettled }) => isSettled);
  const of = (reason: string) => gone.filter((one) => one.reason === reason);
  const keptBytes = left.reduce((sum, { bytes }) => sum + bytes, 0);
  const freeBytes = at.freeBytes + gone.reduce((sum, { bytes }) => sum + bytes, 0);
  const forSpace = may.filter((one) => ageMs(one) >= freeSpaceAgeMinMs);

  assert.equal(paths.size, gone.length, text);
  assert.ok(
    gone.every(({ isSettled }) => isSettled),
    text,
  );
  assert.ok(of('age').every(isOverAge) && !may.some(isOverAge), text);
  for (const [reason, rest] of [
    ['bytes', may],
    ['free_space', forSpace],
  ] as const) {
    const received = (one: RetentionSegment) => Number(one.lastReceivedTime);
    const newest = Math.max(...of(reason).map(received));
    assert.ok(
      rest.every((one) => received(one) >= newest),
      text,
    );
  }
  const isWithinBytes = limits.bytesMax === 0 || keptBytes <= limits.bytesMax;
  assert.ok(isWithinBytes || may.length === 0, text);
  const lastForBytes = of('bytes').at(-1);
  const spaceBytes = of('free_space').reduce((sum, { bytes }) => sum + bytes, 0);
  if (lastForBytes) assert.ok(keptBytes + spaceBytes + lastForBytes.bytes > limits.bytesMax, text);
  const missing = Math.max(0, limits.freeBytesMin - freeBytes);
  assert.equal(plan.missingFreeBytes, missing, text);
  assert.ok(missing === 0 || forSpace.length === 0, text);
  const lastForSpace = of('free_space').at(-1);
  if (lastForSpace) assert.ok(freeBytes - lastForSpace.bytes < limits.freeBytesMin, text);
  assert.ok(
    of('free_space').every((one) => ageMs(one) >= freeSpaceAgeMinMs),
    text,
  );
  const again = planRetention(left, { ...at, freeBytes }, limits);
  assert.deepEqual(again, { deletions: [], missingFreeBytes: missing }, text);
}

function randomSegments(random: TestRandom): RetentionSegment[] {
  return Array.from({ length: random.below(12) }, (_, index) =>
    segment(index + 1, random.below(20) - 2 + random.below(10) / 10, {
      signal: signals[random.below(3)]!,
      bytes: random.below(300),
      isSettled: random.below(5) > 0,
    }),
  );
}

function randomNow(random: TestRandom): RetentionNow {
  const monotonicMs = 20 * hourMs;
  const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
  const sealed = numbers.filter(() => random.below(3) === 0);
  return {
    ...{ unixMs: nowMs + (random.below(9) - 4) * hourMs, freeBytes: random.below(1500) },
    monotonicMs,
    sealedMs: new Map(sealed.map((number) => [number, random.below(monotonicMs)])),
  };
}

function randomLimits(random: TestRandom): RetentionLimits {
  const age = () => random.below(3) * random.below(12) * hourMs;
  return {
    ageMaxMs: { traces: age(), metrics: age(), logs: age() },
    bytesMax: random.below(2) * random.below(2500),
    freeBytesMin: random.below(2) * random.below(2500),
  };
}
