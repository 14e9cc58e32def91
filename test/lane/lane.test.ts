/** The loop of a lane, with real rings, decoder and files, and a clock that is moved by hand. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { nodeStorage } from '../../src/disk/storage.ts';
import { field, message, requestOf } from '../columns/wire-writer.ts';
import { FaultStorage } from '../disk/fault-storage.ts';
import { cleanUp } from '../recorder/recorder-process.ts';
import { dayMs, openLane } from './open-lane.ts';

after(cleanUp);

/** A request of so many spans, each with the name. */
function spans(name: string, count = 1): Uint8Array {
  return requestOf(...Array.from({ length: count }, () => field(5, name)));
}

describe('lane', () => {
  it('turn: takes frames, answers them in order and holds their rows', () => {
    const { lane, publish, results, archived, tally } = openLane();
    publish(spans('a'));
    publish(Buffer.from([0xff]));
    publish(spans('b', 2));
    assert.equal(lane.turn(), 3);
    assert.deepEqual(results(), ['accepted', 'malformed', 'accepted']);
    assert.equal(archived().length, 0);
    assert.equal(tally().pending, 3);
  });

  it('turn: takes from every ring in turn', () => {
    const { lane, publish, results } = openLane({ ringCount: 3 });
    for (const ring of [0, 1, 2]) publish(spans(`ring ${ring}`), ring);
    assert.equal(lane.turn(), 3);
    for (const ring of [0, 1, 2]) assert.deepEqual(results(ring), ['accepted']);
  });

  it('cut: a batch is written as soon as it holds batch.max_rows, whole requests only', () => {
    const { lane, publish, archived, tally } = openLane({ settings: { 'batch.max_rows': 5 } });
    publish(spans('a', 4));
    lane.turn();
    assert.equal(archived().length, 0);
    publish(spans('b', 3));
    lane.turn();
    assert.equal(archived().length, 7);
    assert.deepEqual([tally().archived, tally().pending], [7, 0]);
  });

  it('cut: a batch is written at batch.max_age, and the lane sleeps until then', () => {
    const { lane, clock, publish, archived } = openLane();
    assert.equal(lane.sleepMs(1_000), 1_000);
    publish(spans('a'));
    lane.turn();
    clock.advance(4_400);
    assert.equal(Math.round(lane.sleepMs(1_000)), 600);
    lane.turn();
    assert.equal(archived().length, 0);
    clock.advance(600);
    assert.equal(lane.sleepMs(1_000), 0);
    lane.turn();
    assert.equal(archived().length, 1);
    assert.equal(lane.sleepMs(1_000), 1_000);
  });

  it('cut: a frame of another UTC date waits until the batch before it is written', () => {
    const { lane, clock, publish, results, active } = openLane();
    publish(spans('today'));
    clock.advance(dayMs);
    publish(spans('tomorrow'));
    assert.equal(lane.turn(), 1);
    assert.deepEqual(results(), ['accepted']);
    assert.match(active() ?? '', /date=2026-01-31/);
    assert.equal(lane.turn(), 1);
    assert.deepEqual(results(), ['accepted']);
    lane.flush();
    assert.match(active() ?? '', /date=2026-02-01/);
  });

  it('cut: a frame that would take the batch past batch.max_bytes waits; one that alone would is refused', () => {
    const name = 'n'.repeat(20_000);
    const { lane, publish, results, archived, tally } = openLane({
      settings: { 'batch.max_bytes': 50_000 },
    });
    publish(spans(name, 2));
    assert.equal(lane.turn(), 1);
    publish(spans(name, 1));
    assert.equal(lane.turn(), 0);
    assert.equal(archived().length, 2);
    assert.equal(lane.turn(), 1);
    publish(spans(name, 3));
    while (lane.turn() === 0);
    assert.deepEqual(results(), ['accepted', 'accepted', 'too_large']);
    lane.flush();
    assert.equal(archived().length, 3);
    assert.equal(tally().received, 3);
  });

  it('positions: refused and empty requests take none, the others rise by one', () => {
    const { lane, publish, results, positions, archived } = openLane();
    publish(spans('a'));
    publish(Buffer.from([0xff]));
    publish(new Uint8Array(0));
    publish(message(1));
    publish(spans('b'));
    lane.turn();
    assert.deepEqual(results().toSorted(), [...Array(4).fill('accepted'), 'malformed']);
    assert.equal(positions.next, 3);
    lane.flush();
    assert.deepEqual(
      archived().map(({ name, batch_id }) => [name, batch_id]),
      [
        ['a', 1n],
        ['b', 2n],
      ],
    );
  });

  it('flush: says how many rows it wrote, and nothing when there are none', () => {
    const { lane, publish } = openLane();
    publish(spans('a', 3));
    lane.turn();
    assert.deepEqual(lane.flush(), { rows: { traces: 3 }, fault: undefined });
    assert.deepEqual(lane.flush(), { rows: {}, fault: undefined });
  });

  it('turn: seals a segment at its age, also when nothing comes any more', () => {
    const { lane, clock, publish, active } = openLane();
    publish(spans('a'));
    lane.turn();
    lane.flush();
    assert.notEqual(active(), undefined);
    clock.advance(2 * dayMs);
    lane.turn();
    assert.equal(active(), undefined);
  });

  it('log: what is accepted is there when its result is, and nothing else', () => {
    const { lane, publish, results, logged } = openLane();
    publish(spans('a'));
    publish(Buffer.from([0xff]));
    publish(spans('b'));
    assert.deepEqual(logged(), []);
    lane.turn();
    assert.deepEqual(results(), ['accepted', 'malformed', 'accepted']);
    assert.deepEqual(logged(), [1, 2]);
  });

  it('log full: what is pending is written first, and all is accepted', () => {
    const { lane, publish, results, archived } = openLane();
    const bodies = Array.from({ length: 60 }, (_, index) =>
      spans(`${index} ${'n'.repeat(20_000)}`),
    );
    for (const body of bodies) {
      publish(body);
      lane.turn();
    }
    assert.deepEqual(new Set(results()), new Set(['accepted']));
    assert.ok(archived().length > 0, 'a log of 512 KiB has held 1.2 MB');
    lane.flush();
    assert.deepEqual(
      archived().map(({ batch_id }) => batch_id),
      bodies.map((_, index) => BigInt(index + 1)),
    );
  });

  for (const [operation, code] of [
    ['write', 'ENOSPC'],
    ['write', 'EIO'],
  ] as const) {
    it(`${code} in the log: refused as unavailable, and recorded again once it is over`, () => {
      const storage = new FaultStorage();
      const { lane, clock, publish, results, archived, tally, faults } = openLane({ storage });
      publish(spans('before'));
      lane.turn();
      storage.failOnce(operation, code, { bytesBefore: 30 });
      publish(spans('during', 3));
      publish(spans('during', 4));
      lane.turn();
      publish(spans('still'));
      lane.turn();
      assert.deepEqual(results(), ['accepted', 'unavailable', 'unavailable', 'unavailable']);
      assert.match(faults[0] ?? '', new RegExp(code));
      assert.deepEqual([tally().rejected.unavailable, tally().pending], [7, 1]);
      clock.advance(1_000);
      lane.turn();
      assert.equal(faults.at(-1), undefined);
      publish(spans('after'));
      lane.turn();
      assert.deepEqual(results(), ['accepted']);
      lane.flush();
      assert.deepEqual(
        archived().map(({ name }) => name),
        ['before', 'after'],
      );
    });
  }

  it('ENOSPC in the segment: what was acknowledged is kept, and written once there is room', () => {
    const storage = new FaultStorage();
    const { lane, clock, publish, results, archived, tally, faults } = openLane({ storage });
    publish(spans('a', 2));
    lane.turn();
    storage.failOnce('write', 'ENOSPC', { bytesBefore: 1_000 });
    assert.match(lane.flush().fault ?? '', /ENOSPC/);
    publish(spans('b'));
    lane.turn();
    assert.deepEqual(results(), ['accepted', 'unavailable']);
    assert.equal(tally().pending, 2);
    clock.advance(5_000);
    lane.turn();
    assert.deepEqual([tally().archived, tally().pending], [2, 0]);
    assert.deepEqual(
      archived().map(({ name }) => name),
      ['a', 'a'],
    );
    assert.deepEqual([faults.length, faults.at(-1)], [2, undefined]);
  });
});

describe('lane: free space', () => {
  it('below the limit: refused until there is more', () => {
    let free = 0;
    const storage = { ...nodeStorage, freeBytes: () => free };
    const { lane, clock, publish, results, faults } = openLane({ storage });
    lane.turn();
    clock.advance(1_000);
    publish(spans('a'));
    lane.turn();
    assert.deepEqual(results(), ['unavailable']);
    assert.match(faults[0] ?? '', /0 bytes are free, less than retention\.min_free_bytes \(1\)/);
    assert.deepEqual(lane.flush(), { rows: {}, fault: undefined });
    free = 10;
    publish(spans('b'));
    lane.turn();
    assert.deepEqual(results(), ['unavailable']);
    clock.advance(1_000);
    publish(spans('c'));
    lane.turn();
    assert.deepEqual(results(), ['accepted']);
  });
});
