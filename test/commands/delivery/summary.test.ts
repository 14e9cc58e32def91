/** Tests what a delivery says at its end. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  countsText,
  summaryJson,
  summaryProblem,
  summaryText,
} from '../../../src/commands/delivery/summary.ts';
import type { Tally } from '../../../src/commands/delivery/tally.ts';

const tally: Tally = {
  items: new Map([
    ['traces', { acknowledged: 99_800, rejected: 150, failed: 50 }],
    ['metrics', { acknowledged: 1_200, rejected: 0, failed: 3 }],
  ]),
  requests: 500,
  retries: 3,
  seconds: 10.00149,
  lastProblem: 'HTTP 400 no span',
  isMisdirected: false,
  gaveUp: false,
};

function withTraces(acknowledged: number, rejected: number, failed: number): Tally {
  return { ...tally, items: new Map([['traces', { acknowledged, rejected, failed }]]) };
}

describe('summary', () => {
  it('text: counts of each signal, time and rates, aligned', () => {
    assert.deepEqual(summaryText(tally).split('\n'), [
      'spans         99,800 acknowledged, 150 rejected, 50 failed',
      'data points    1,200 acknowledged, 0 rejected, 3 failed',
      'requests         500 and 3 retries',
      'time           10.00 s',
      'rate           9,979 spans/s acknowledged',
      '                 120 data points/s acknowledged',
    ]);
  });

  it('JSON: one object with all items, those of each signal, and what the command adds', () => {
    assert.deepEqual(JSON.parse(summaryJson(tally, { seed: 42 })), {
      acknowledged: 101_000,
      rejected: 150,
      failed: 53,
      traces: { acknowledged: 99_800, rejected: 150, failed: 50 },
      metrics: { acknowledged: 1_200, rejected: 0, failed: 3 },
      requests: 500,
      retries: 3,
      seconds: 10.001,
      spans_per_second: 9979,
      seed: 42,
    });
  });

  it('counts: what is not acknowledged only where there is any', () => {
    const expected = '99800 spans acknowledged, 150 rejected, 50 failed';
    assert.equal(countsText(tally), `${expected}; 1200 data points acknowledged, 3 failed`);
  });

  it('JSON: no time, no rate', () => {
    assert.equal(JSON.parse(summaryJson({ ...tally, seconds: 0 })).spans_per_second, 0);
  });

  it('problem: none where all were acknowledged, else how many of what and why', () => {
    assert.equal(summaryProblem(withTraces(100, 0, 0), 'http://a', '--to'), undefined);
    const problem = summaryProblem(tally, 'http://a', '--to')?.message ?? '';
    assert.match(problem, /^200 spans, 3 data points were not .* HTTP 400 no span$/);
  });

  it('problem: an endpoint that takes nothing is named with the remedy', () => {
    for (const ended of [withTraces(0, 0, 50), { ...tally, gaveUp: true }]) {
      const problem = summaryProblem(ended, 'http://a', '--to')?.message ?? '';
      assert.match(
        problem,
        /^http:\/\/a takes no requests: .*archer record.*--to or --protocol\.$/,
      );
    }
    const unknown = { ...withTraces(0, 0, 50), lastProblem: 'HTTP 401 who?', isMisdirected: true };
    assert.equal(
      summaryProblem({ ...unknown, gaveUp: true }, 'http://a', '--endpoint')?.message,
      'http://a takes no requests: HTTP 401 who?; so far: 0 spans acknowledged, 50 failed. ' +
        'Give another --endpoint, or credentials with --header.',
    );
  });
});
