/** A lane is recovered in one go, or the attempt leaves nothing behind and is made again. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createTallies, readTallies } from '../../src/ring/tallies.ts';
import { field, requestOf } from '../columns/wire-writer.ts';
import { FaultStorage, type Operation } from '../disk/fault-storage.ts';
import { cleanUp, makeFolder } from '../recorder/recorder-process.ts';
import { openLane } from './open-lane.ts';

after(cleanUp);

/** Makes what a killed recorder leaves: some rows in a segment, some only in the log. */
function killedLane() {
  const outputDir = makeFolder();
  const { lane, publish } = openLane({ outputDir });
  const names = Array.from({ length: 20 }, (_, index) => `${index}`);
  for (const name of names) {
    publish(requestOf(field(5, name)));
    lane.turn();
    if (name === '9') lane.flush();
  }
  return { outputDir, names };
}

describe('recoverLane', () => {
  const settings = { 'batch.max_rows': 5 };
  /** Files are opened to be looked at, too: of those calls each third one. */
  const steps = { write: 1, syncData: 1, rename: 1, makeFolder: 1, open: 3 };
  for (const [name, step] of Object.entries(steps)) {
    const operation = name as Operation;
    it(`${operation} fails, at one call after the other: the next attempt finds all, once`, () => {
      for (let callsBefore = 0; ; callsBefore += step) {
        const { outputDir, names } = killedLane();
        const storage = new FaultStorage();
        storage.failOnce(operation, 'ENOSPC', { callsBefore });
        const tallies = createTallies(1);
        let failures = 0;
        const attempt = () => openLane({ outputDir, storage, tallies, settings });
        try {
          attempt();
        } catch (error) {
          assert.match((error as Error).message, /ENOSPC/);
          failures += 1;
          assert.equal(storage.openCount, 0, 'a failed attempt leaves no file open');
          attempt();
        }
        const parts = openLane({ outputDir });
        assert.deepEqual(
          parts.archived().map(({ name }) => name),
          names,
        );
        const { received, archived, pending, recovered, rejected } = readTallies(tallies).traces;
        assert.deepEqual([archived, recovered, pending], [received, received, 0]);
        assert.ok(received <= 10 && rejected.lane_died === 0, `${received} counted`);
        if (failures === 0) return assert.ok(callsBefore > 0);
      }
    });
  }

  it('what a dead lane held: counts as lost with it, and as received once more', () => {
    const outputDir = makeFolder();
    const dead = openLane({ outputDir });
    for (const name of ['archived', 'held', 'held too']) {
      dead.publish(requestOf(field(5, name)));
      dead.lane.turn();
      if (name === 'archived') dead.lane.flush();
    }
    assert.equal(dead.tally().pending, 2);
    const next = openLane({ outputDir, tallies: dead.tallyBuffer });
    const { received, archived, pending, recovered, rejected } = next.tally();
    assert.deepEqual([received, archived, pending, recovered], [5, 3, 0, 2]);
    assert.deepEqual(rejected, { too_large: 0, unavailable: 0, lane_died: 2 });
    assert.equal(next.archived().length, 3);
  });

  it('a smaller batch.max_bytes than when it came: what was accepted is archived all the same', () => {
    const { outputDir, names } = killedLane();
    const parts = openLane({ outputDir, settings: { 'batch.max_bytes': 1 } });
    assert.deepEqual(
      parts.archived().map(({ name }) => name),
      names,
    );
  });

  it('durability received: the log of an earlier run is replayed, and none is kept', () => {
    const { outputDir, names } = killedLane();
    const parts = openLane({ outputDir, settings: { durability: 'received' } });
    assert.equal(parts.log, undefined);
    assert.equal(parts.archived().length, names.length);
  });
});
