/** A jump of the clock is reported once, with the time that was expected and the one found. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ClockWatch } from '../../src/recorder/clock-watch.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import type { JournalFields } from '../../src/shared/journal.ts';

function open() {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const reports: JournalFields[] = [];
  const watch = new ClockWatch(clock, {
    write: (_level, _message, fields = {}) => reports.push(fields),
  });
  watch.close();
  const look = (ms: number, jumpMs = 0) => {
    clock.advance(ms);
    clock.jump(jumpMs);
    watch.look();
  };
  return { reports, look };
}

describe('ClockWatch', () => {
  it('a clock that goes on, or is corrected a little: nothing is reported', () => {
    const { reports, look } = open();
    for (const jumpMs of [0, 60_000, -60_000, 0]) look(1_000, jumpMs);
    look(3_600_000);
    assert.deepEqual(reports, []);
  });

  it('a jump ahead and back: each is reported once, with both times', () => {
    const { reports, look } = open();
    look(1_000, 86_400_000);
    look(1_000);
    look(1_000, -2 * 86_400_000);
    assert.deepEqual(reports, [
      { expected: '2026-01-01T00:00:01.000Z', found: '2026-01-02T00:00:01.000Z' },
      { expected: '2026-01-02T00:00:03.000Z', found: '2025-12-31T00:00:03.000Z' },
    ]);
  });
});
