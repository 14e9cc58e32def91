/** Whatever write of a lane fails: senders are refused, nothing is lost, and it goes on by itself. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { field, requestOf } from '../columns/wire-writer.ts';
import { FaultStorage } from '../disk/fault-storage.ts';
import { cleanUp } from '../recorder/recorder-process.ts';
import { openLane } from './open-lane.ts';

after(cleanUp);

function openFaulty(durability: 'logged' | 'synced' = 'logged') {
  const storage = new FaultStorage();
  const parts = openLane({ storage, settings: { durability } });
  const send = (name: string) => {
    parts.publish(requestOf(field(5, name)));
    parts.lane.turn();
    return parts.results().at(-1);
  };
  const later = (ms = 1_000) => {
    parts.clock.advance(ms);
    parts.lane.turn();
  };
  return { ...parts, storage, send, later, names: () => parts.archived().map(({ name }) => name) };
}

/** What a batch that begins a segment does with the disk, in its order. */
const firstBatch = [
  ["the checkpoint's write", 'write', 0],
  ["the checkpoint's sync", 'syncData', 0],
  ["the checkpoint's rename", 'rename', 0],
  ["the checkpoint folder's sync", 'syncFolder', 0],
  ["the date's folder", 'makeFolder', 0],
  ["the segment's file", 'open', 1],
  ["the segment's write", 'write', 1],
] as const;

describe('lane: a disk that fails', () => {
  for (const code of ['ENOSPC', 'EIO']) {
    for (const [what, operation, callsBefore] of firstBatch) {
      it(`${code} at ${what}: refused until it is over, nothing is lost`, () => {
        const { storage, lane, faults, tally, send, later, names } = openFaulty();
        assert.equal(send('before'), 'accepted');
        storage.failOnce(operation, code, { callsBefore });
        assert.match(lane.flush().fault ?? '', new RegExp(code));
        assert.deepEqual([faults.length, names()], [1, []]);
        assert.equal(send('during'), 'unavailable');
        assert.equal(tally().pending, 1);
        later();
        assert.deepEqual([faults.length, faults[1]], [2, undefined]);
        assert.equal(send('after'), 'accepted');
        lane.flush();
        assert.deepEqual(names(), ['before', 'after']);
        const { received, archived, pending, rejected } = tally();
        assert.equal(received, archived + pending + rejected.unavailable);
      });
    }
  }

  it('EIO at the checkpoint of a seal: the segment is sealed and reported', () => {
    const { storage, lane, segments, faults, sealed, clock, send, later, names } = openFaulty();
    send('before');
    lane.flush();
    clock.advance(2 * 86_400_000);
    storage.failOnce('rename', 'EIO');
    lane.turn();
    assert.match(faults[0] ?? '', /EIO/);
    assert.equal(sealed.length, 1);
    assert.equal(send('during'), 'unavailable');
    later();
    assert.equal(send('after'), 'accepted');
    lane.flush();
    segments.seal();
    assert.deepEqual(names(), ['before', 'after']);
  });

  it('a rotation that cannot write its batches: seals nothing, and the fault stays', () => {
    const { storage, lane, faults, send, later, names } = openFaulty();
    send('before');
    lane.flush();
    send('held');
    storage.failOnce('write', 'ENOSPC');
    const { sealed, fault } = lane.rotate('asked');
    assert.match(fault ?? '', /ENOSPC/);
    assert.deepEqual([sealed, faults.length], [[], 1]);
    assert.equal(send('during'), 'unavailable');
    later();
    assert.equal(faults[1], undefined);
    assert.equal(lane.rotate('asked').sealed.length, 1);
    assert.deepEqual(names(), ['before', 'held']);
  });

  it('EIO at the sync of a seal, and later a kill: what that segment holds does not come twice', () => {
    const { storage, lane, segments, faults, clock, outputDir, send, later, names } = openFaulty();
    send('before');
    lane.flush();
    clock.advance(2 * 86_400_000);
    storage.failOnce('syncData', 'EIO');
    lane.turn();
    assert.match(faults[0] ?? '', /EIO/);
    later();
    assert.equal(send('after'), 'accepted');
    lane.flush();
    openLane({ outputDir });
    assert.deepEqual(names(), ['before', 'after']);
    segments.abandon();
  });
});

describe('lane: synced, after a failed fdatasync', () => {
  it('what the file held before is written elsewhere before anything is acknowledged again', () => {
    const { storage, lane, send, later, names, faults } = openFaulty('synced');
    assert.equal(send('acknowledged'), 'accepted');
    storage.failOnce('syncData', 'EIO');
    assert.equal(send('refused'), 'unavailable');
    assert.match(faults[0] ?? '', /EIO/);
    storage.calls.length = 0;
    later();
    const batch = storage.calls.findIndex((call) => /^write .*\.arrow$/.test(call));
    const synced = storage.calls.findIndex((call) => /^syncData .*\.arrow$/.test(call));
    assert.ok(batch >= 0 && synced > batch, storage.calls.join('\n'));
    assert.deepEqual(names(), ['acknowledged']);
    assert.equal(send('after'), 'accepted');
    lane.flush();
    assert.deepEqual(names(), ['acknowledged', 'after']);
  });

  it('while it cannot be written elsewhere: the log keeps it, and senders are refused', () => {
    const { storage, outputDir, send, later, names } = openFaulty('synced');
    send('acknowledged');
    storage.failOnce('syncData', 'EIO');
    send('refused');
    // The segment's own sync: its folder's checkpoint comes first.
    storage.failOnce('syncData', 'EIO', { callsBefore: 1 });
    later();
    assert.equal(send('still refused'), 'unavailable');
    assert.deepEqual(names(), []);
    openLane({ outputDir });
    // What was refused since its sync failed lies in the log, and may come back once.
    assert.deepEqual(names(), ['acknowledged', 'refused']);
  });
});
