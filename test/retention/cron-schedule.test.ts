/** A schedule runs at its times, not twice at once, and once after a jump of the clock. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CronSchedule } from '../../src/retention/cron-schedule.ts';
import { ManualClock, systemClock } from '../../src/shared/clock.ts';
import { silentJournal } from '../../src/shared/journal.ts';

const noonMs = Date.UTC(2026, 10, 21, 12);
const dayMs = 86_400_000;

/** A schedule whose time passes only by `pass`, in steps of a second, or by `jump`, at once. */
function open(expression: string, run: () => Promise<unknown> = async () => {}) {
  const clock = new ManualClock(noonMs);
  const messages: string[] = [];
  let runs = 0;
  const schedule = new CronSchedule({
    ...{ name: 'retention.schedule', expression, clock },
    run: () => {
      runs += 1;
      return run();
    },
    journal: { write: (_level, message) => messages.push(message) },
  });
  schedule.close();
  const jump = async (ms: number) => {
    clock.advance(ms);
    schedule.look();
    await sleep(0);
  };
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) await jump(1_000);
  };
  return { messages, jump, pass, runs: () => runs };
}

describe('CronSchedule', () => {
  it('each minute: runs once a minute', async () => {
    const { pass, runs } = open('* * * * *');
    await pass(59);
    assert.equal(runs(), 0);
    await pass(121);
    assert.equal(runs(), 3);
  });

  it('seconds first: runs at its seconds', async () => {
    const { pass, runs } = open('*/10 * * * * *');
    await pass(60);
    assert.equal(runs(), 6);
  });

  it('a time of the day: runs at that time, in UTC', async () => {
    const { jump, pass, runs } = open('30 12 * * *');
    for (let minute = 0; minute < 29; minute++) await jump(60_000);
    assert.equal(runs(), 0);
    await pass(60);
    assert.equal(runs(), 1);
    for (let minute = 0; minute < 60; minute++) await jump(60_000);
    assert.equal(runs(), 1);
  });

  it('a busy main thread: what has passed within a minute counts, once', async () => {
    const { jump, runs } = open('*/10 * * * * *');
    await jump(45_000);
    assert.equal(runs(), 1);
  });

  it('the clock is set ahead: one run for all that were missed, without delay', async () => {
    for (const days of [1, 365, 50 * 365]) {
      const { jump, pass, runs } = open('* * * * *');
      const startMs = performance.now();
      await jump(days * dayMs);
      assert.ok(performance.now() - startMs < 1_000);
      assert.equal(runs(), 1);
      await pass(60);
      assert.equal(runs(), 2);
    }
  });

  it('the clock is set back: the times count as the clock shows them now', async () => {
    const { jump, pass, runs } = open('* * * * *');
    await jump(-dayMs + 1_000);
    assert.equal(runs(), 0);
    await pass(59);
    assert.equal(runs(), 1);
  });

  it('a run that fails: is reported, and the next one comes', async () => {
    const { messages, pass, runs } = open('* * * * *', () => Promise.reject(new Error('no disk')));
    await pass(120);
    assert.deepEqual(
      [runs(), messages],
      [2, ['retention.schedule: no disk', 'retention.schedule: no disk']],
    );
  });

  it('a run that lasts: no second one beside it', async () => {
    let end: () => void = () => {};
    const { pass, runs } = open('* * * * *', () => {
      return new Promise<void>((resolve) => {
        end = resolve;
      });
    });
    await pass(180);
    assert.equal(runs(), 1);
    end();
    await pass(60);
    assert.equal(runs(), 2);
  });

  it('the timer: looks by itself until it is closed', async () => {
    let runs = 0;
    const run = async () => {
      runs += 1;
    };
    const timing = { name: 'x', expression: '* * * * * *', clock: systemClock };
    const schedule = new CronSchedule({ ...timing, run, journal: silentJournal });
    while (runs === 0) await sleep(20);
    schedule.close();
    const before = runs;
    await sleep(1_100);
    assert.equal(runs, before);
  });
});
