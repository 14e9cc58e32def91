/** Tests that a leak is told from the variation of a healthy process. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '../random.ts';
import { type Sample, trendsOf } from './trend.ts';

const mebibyte = 1024 * 1024;

/** The quantities that grow over 90 samples, each `toSample` at its index. */
function growing(toSample: (index: number) => Partial<Sample>): string[] {
  const samples = Array.from({ length: 90 }, (_, index) => {
    return { rssBytes: 200 * mebibyte, openFiles: 60, threads: 14, ...toSample(index) };
  });
  return trendsOf(samples).flatMap(({ quantity, isGrowth }) => (isGrowth ? [quantity] : []));
}

describe('trend', () => {
  it('variation without growth: none', () => {
    const random = seededRandom();
    assert.deepEqual(
      growing(() => ({
        rssBytes: (180 + random.below(60)) * mebibyte,
        openFiles: 50 + random.below(30),
      })),
      [],
    );
  });

  it('a single peak, even in the last sample: none', () => {
    assert.deepEqual(
      growing((index) => (index > 87 ? { rssBytes: 2 ** 31, openFiles: 900 } : {})),
      [],
    );
  });

  it('a slow leak: growth of each quantity', () => {
    assert.deepEqual(
      growing((index) => ({ rssBytes: (200 + index) * mebibyte })),
      ['rssBytes'],
    );
    assert.deepEqual(
      growing((index) => ({ openFiles: 60 + Math.floor(index / 10) })),
      ['openFiles'],
    );
    assert.deepEqual(
      growing((index) => ({ threads: 14 + Math.floor(index / 30) })),
      ['threads'],
    );
  });
});
