/** Shows that a schedule runs, is not run twice at once, and ends. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSchedule } from '../src/cron-schedule.ts';
import { silentJournal } from '../src/shared/journal.ts';

/** Six fields: the seconds come first. */
const everySecond = '* * * * * *';

describe('openSchedule', () => {
  it('every second: runs, also after it failed, until it is closed', async () => {
    const messages: string[] = [];
    let count = 0;
    const run = async () => {
      count += 1;
      throw new Error(`run ${count}`);
    };
    const journal = { write: (_: string, message: string) => messages.push(message) };
    const schedule = openSchedule('retention.schedule', everySecond, run, journal);
    await sleep(2300);
    schedule.close();
    const closedAt = count;
    assert.ok(count >= 2 && count <= 3, `${count} runs`);
    assert.deepEqual(messages.slice(0, 2), [
      'retention.schedule: run 1',
      'retention.schedule: run 2',
    ]);
    await sleep(1200);
    assert.equal(count, closedAt);
  });

  it('a run that lasts: no second one beside it', async () => {
    let running = 0;
    let most = 0;
    const run = async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(1500);
      running -= 1;
    };
    const schedule = openSchedule('slow', everySecond, run, silentJournal);
    await sleep(3200);
    schedule.close();
    assert.equal(most, 1);
    await sleep(100);
  });
});
