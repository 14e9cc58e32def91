/** Shows that a schedule runs, that its runs do not overlap, and that it ends. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSchedule } from '../../src/retention/cron-schedule.ts';
import { silentJournal } from '../../src/shared/journal.ts';

/** Six fields, with the seconds first. */
const everySecond = '* * * * * *';

/** Longer than the time from one run to the next. */
const overASecondMs = 1_100;

/** The tests mostly wait, so they run concurrently. */
describe('openSchedule', { concurrency: true }, () => {
  it('every second: runs, also after it failed', async () => {
    const messages: string[] = [];
    let count = 0;
    const run = async () => {
      count += 1;
      throw new Error(`run ${count}`);
    };
    const journal = { write: (_: string, message: string) => messages.push(message) };
    const schedule = openSchedule('retention.schedule', everySecond, run, journal);
    while (messages.length < 2) await sleep(20);
    schedule.close();
    assert.deepEqual(messages, ['retention.schedule: run 1', 'retention.schedule: run 2']);
  });

  it('closed: does not run any more', async () => {
    let count = 0;
    const run = async () => {
      count += 1;
    };
    openSchedule('closed', everySecond, run, silentJournal).close();
    await sleep(overASecondMs);
    assert.equal(count, 0);
  });

  it('a run that lasts: no second one beside it', async () => {
    let count = 0;
    let end: () => void = () => {};
    const run = () => {
      count += 1;
      return new Promise<void>((resolve) => {
        end = resolve;
      });
    };
    const schedule = openSchedule('slow', everySecond, run, silentJournal);
    while (count === 0) await sleep(20);
    await sleep(overASecondMs);
    assert.equal(count, 1);
    end();
    schedule.close();
  });
});
