/** Options are read together, and all that is wrong is said at once. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ExportOptions, readSelection } from '../../../src/commands/export/export-settings.ts';
import { problem } from '../../../src/shared/errors.ts';

const now = 1_795_262_400_000_000_000n;
const options: ExportOptions = { format: 'csv', output: '-' };

describe('export settings', () => {
  it('nothing given: all signals, all rows', () => {
    const expected = { ok: true, signals: ['traces', 'metrics', 'logs'], filter: {} };
    assert.deepEqual(readSelection(options, now), expected);
  });

  it('signal, times and services', () => {
    const given = { from: '-1h', to: '2026-11-21T12:00:00Z', service: ['shop', 'mail'] };
    assert.deepEqual(readSelection({ ...options, ...given, signal: 'logs' }, now), {
      ok: true,
      signals: ['logs'],
      filter: {
        from: now - 3_600_000_000_000n,
        to: now,
        texts: new Map([['service_name', new Set(['shop', 'mail'])]]),
      },
    });
  });

  it('what is wrong: one line each', () => {
    assert.deepEqual(readSelection({ ...options, from: 'x', to: '5' }, now), {
      ok: false,
      problems: [
        problem('ERR_ARCHER_TIME_INVALID', { name: '--from', text: 'x' }),
        problem('ERR_ARCHER_TIME_INVALID', { name: '--to', text: '5' }),
      ],
    });
    assert.deepEqual(readSelection({ ...options, from: '-1m', to: '-1m' }, now), {
      ok: false,
      problems: [problem('ERR_ARCHER_TIME_RANGE_EMPTY', { from: '-1m', to: '-1m' })],
    });
  });
});
