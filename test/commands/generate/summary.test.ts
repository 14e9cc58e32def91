/** Tests what the command says at its end. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Tally } from '../../../src/commands/generate/delivery.ts';
import {
  summaryJson,
  summaryProblem,
  summaryText,
} from '../../../src/commands/generate/summary.ts';

const tally: Tally = {
  acknowledged: 99_800,
  rejected: 150,
  failed: 50,
  requests: 500,
  retries: 3,
  seconds: 10.00149,
  lastProblem: 'HTTP 400 no span',
  gaveUp: false,
};

const whole = { ...tally, rejected: 0, failed: 0, lastProblem: undefined };

describe('summary', () => {
  it('text: counts, time and rate, aligned', () => {
    assert.deepEqual(summaryText(tally).split('\n'), [
      'acknowledged  99,800 spans',
      'rejected         150 spans',
      'failed            50 spans',
      'requests         500 and 3 retries',
      'time           10.00 s',
      'rate           9,979 spans/s acknowledged',
    ]);
  });

  it('JSON: one object with the seed', () => {
    assert.deepEqual(JSON.parse(summaryJson(tally, 42)), {
      acknowledged: 99_800,
      rejected: 150,
      failed: 50,
      requests: 500,
      retries: 3,
      seconds: 10.001,
      spans_per_second: 9979,
      seed: 42,
    });
  });

  it('JSON: no time, no rate', () => {
    assert.equal(JSON.parse(summaryJson({ ...tally, seconds: 0 }, 1)).spans_per_second, 0);
  });

  it('problem: none where all were acknowledged, else how many and why', () => {
    assert.equal(summaryProblem(whole, 'http://a'), undefined);
    assert.match(summaryProblem(tally, 'http://a') ?? '', /^200 spans .* HTTP 400 no span$/);
  });

  it('problem: an endpoint that takes nothing is named with the remedy', () => {
    const silent = { ...tally, acknowledged: 0, rejected: 0 };
    for (const ended of [silent, { ...tally, gaveUp: true }]) {
      const problem = summaryProblem(ended, 'http://a') ?? '';
      assert.match(problem, /^http:\/\/a takes no requests .*archer record.*--endpoint$/);
    }
  });
});
