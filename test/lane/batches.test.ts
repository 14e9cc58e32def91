/** What is held of a signal: joined, rolled back, due and written. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { field, requestOf } from '../columns/wire-writer.ts';
import { cleanUp } from '../recorder/recorder-process.ts';
import { hold, noonNs, openParts } from './lane-parts.ts';

const nothing: ReadonlySet<'traces'> = new Set();
const nsPerDay = 86_400_000_000_000n;

const spans = (...names: string[]) => requestOf(...names.map((name) => field(5, name)));
const namesOf = (parts: ReturnType<typeof openParts>) => parts.archived().map(({ name }) => name);

after(cleanUp);

describe('batches', () => {
  it('accepts: rows of the same UTC date, and anything while nothing is held', () => {
    const parts = openParts();
    const { batches } = parts;
    assert.equal(batches.accepts('traces', 5n), true);
    hold(parts, spans('a'), 1);
    assert.equal(batches.accepts('traces', noonNs + 1n), true);
    assert.equal(batches.accepts('traces', noonNs + nsPerDay), false);
    assert.equal(batches.accepts('traces', noonNs - nsPerDay), false);
    assert.equal(batches.accepts('logs', noonNs + nsPerDay), true);
  });

  it('firstPosition: the lowest that is not in a segment', () => {
    const parts = openParts();
    assert.equal(parts.batches.firstPosition, undefined);
    hold(parts, spans('a'), 7);
    hold(parts, spans('b'), 8);
    assert.equal(parts.batches.firstPosition, 7);
    parts.batches.writeAll();
    assert.equal(parts.batches.firstPosition, undefined);
  });

  it('rollBack: what came after the mark is gone, what was before is as it was', () => {
    const parts = openParts();
    const { batches } = parts;
    hold(parts, spans('a', 'b'), 1);
    const mark = batches.mark();
    hold(parts, spans('c'), 2);
    hold(parts, spans('d', 'e'), 3);
    batches.rollBack(mark);
    parts.tallies.add('traces', { received: -3, pending: -3 });
    hold(parts, spans('f'), 4);
    assert.deepEqual(batches.writeAll(), { traces: 3 });
    assert.deepEqual(namesOf(parts), ['a', 'b', 'f']);
  });

  it('rollBack: to a mark at which nothing was held', () => {
    const parts = openParts();
    const mark = parts.batches.mark();
    hold(parts, spans('a'), 1);
    parts.batches.rollBack(mark);
    assert.deepEqual([parts.batches.holds('traces'), parts.batches.writeAll()], [false, {}]);
  });

  it('writeDue: by rows, by age, and when it is demanded', () => {
    const parts = openParts({ rowsMax: 3 });
    const { batches, clock } = parts;
    hold(parts, spans('a', 'b'), 1);
    batches.writeDue(nothing);
    assert.equal(namesOf(parts).length, 0);
    hold(parts, spans('c'), 2);
    batches.writeDue(nothing);
    assert.equal(namesOf(parts).length, 3);
    hold(parts, spans('d'), 3);
    assert.equal(batches.dueMs(60_000), 5_000);
    clock.advance(5_000);
    batches.writeDue(nothing);
    assert.equal(namesOf(parts).length, 4);
    hold(parts, spans('e'), 4);
    batches.writeDue(new Set(['traces']));
    assert.equal(namesOf(parts).length, 5);
    assert.deepEqual([parts.tally().archived, parts.tally().pending], [5, 0]);
  });
});
