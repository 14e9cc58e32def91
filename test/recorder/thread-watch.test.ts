/** A thread that stops beating is reported, with what it waits for, until it beats again. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ThreadWatch } from '../../src/recorder/thread-watch.ts';
import { createHeartbeats, Heartbeat } from '../../src/ring/heartbeat.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { silentJournal } from '../../src/shared/journal.ts';

function open() {
  const clock = new ManualClock(0);
  const heartbeats = createHeartbeats(2);
  const messages: string[] = [];
  const journal = { write: (_level: string, message: string) => messages.push(message) };
  const names = ['the lane', 'the receiver'];
  const watch = new ThreadWatch({ heartbeats, names, clock, journal });
  watch.close();
  const look = (afterMs: number) => {
    clock.advance(afterMs);
    watch.look();
  };
  return { watch, messages, look, lane: new Heartbeat(heartbeats, 0) };
}

describe('ThreadWatch', () => {
  it('a thread that hangs in a call: is known within 3 s, and reported once', () => {
    const { watch, messages, look, lane } = open();
    lane.beat('write the log');
    look(500);
    for (let ms = 500; ms < 3_000; ms += 500) look(500);
    const hang = 'the lane has not gone on for 2 s: it waits for write the log';
    assert.equal(watch.hang(0), hang);
    assert.equal(watch.anyHang, hang);
    assert.equal(watch.hang(1), undefined);
    look(500);
    assert.deepEqual(messages, [hang]);
  });

  it('a thread that beats again: goes on, and that is reported', () => {
    const { watch, messages, look, lane } = open();
    lane.beat('write the log');
    look(500);
    look(5_000);
    lane.beat();
    look(500);
    assert.equal(watch.anyHang, undefined);
    assert.equal(messages.at(-1), 'the lane goes on');
  });

  it('a thread that beats each second: never hangs', () => {
    const { watch, messages, look, lane } = open();
    for (let second = 0; second < 10; second++) {
      lane.beat();
      look(500);
      look(500);
    }
    assert.deepEqual([watch.anyHang, messages], [undefined, []]);
  });

  it('a thread that has not begun, or begins again: is watched from its first beat on', () => {
    const { watch, look, lane } = open();
    look(10_000);
    assert.equal(watch.anyHang, undefined);
    lane.beat('write the log');
    look(500);
    look(5_000);
    watch.reset(0);
    look(5_000);
    assert.equal(watch.anyHang, undefined);
    lane.beat('read the log');
    look(500);
    look(5_000);
    assert.match(watch.anyHang ?? '', /read the log/);
  });

  it('the timer: looks by itself', async () => {
    const heartbeats = createHeartbeats(1);
    const clock = new ManualClock(0);
    const options = { heartbeats, names: ['the lane'], clock, journal: silentJournal };
    const watch = new ThreadWatch(options);
    new Heartbeat(heartbeats, 0).beat('fdatasync');
    while (watch.anyHang === undefined) {
      clock.advance(500);
      await sleep(100);
    }
    watch.close();
    assert.match(watch.anyHang, /fdatasync/);
  });
});
