/** The progress of a destination, also after a restart. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Cursor } from '../../src/forward/cursor.ts';
import { signals } from '../../src/shared/signal.ts';
import { seededRandom } from '../random.ts';

function newCursor(through = 10): Cursor {
  const cursor = new Cursor(0);
  cursor.addSignals(signals, through);
  return cursor;
}

function reopened(cursor: Cursor): Cursor {
  const again = Cursor.fromText(0, cursor.toText());
  assert.ok(again !== undefined);
  return again;
}

describe('Cursor', () => {
  it('a new cursor: needs all requests after its start, of each signal', () => {
    const cursor = newCursor();
    for (const signal of signals) {
      assert.ok(!cursor.isNeeded(signal, 10) && cursor.isNeeded(signal, 11));
      assert.equal(cursor.nextPosition([signal]), 11);
    }
  });

  it('begun: is not needed again in this run, ended or not', () => {
    const cursor = newCursor();
    for (const position of [11, 12]) cursor.begin('traces', position);
    cursor.end('traces', 11);
    assert.ok(!cursor.isNeeded('traces', 11) && !cursor.isNeeded('traces', 12));
    assert.equal(cursor.nextPosition(['traces']), 13);
  });

  it('begun and not ended: is needed again after a restart', () => {
    const cursor = newCursor();
    for (const position of [11, 13, 14]) cursor.begin('traces', position);
    cursor.end('traces', 13);
    const again = reopened(cursor);
    const wanted = [11, 12, 13, 14, 15].filter((position) => again.isNeeded('traces', position));
    assert.deepEqual(wanted, [11, 14, 15]);
    assert.equal(again.nextPosition(['traces']), 11);
    again.begin('traces', 11);
    assert.equal(again.nextPosition(['traces']), 14);
  });

  it('signals: each has its place; the next position is the lowest of the wanted ones', () => {
    const cursor = newCursor();
    cursor.skip('traces', 90);
    cursor.skip('logs', 40);
    assert.equal(cursor.nextPosition(['traces']), 91);
    assert.equal(cursor.nextPosition(['traces', 'logs']), 41);
    assert.equal(cursor.nextPosition(signals), 11);
  });

  it('a signal that is added later: starts at the given position', () => {
    const cursor = new Cursor(0);
    cursor.addSignals(['traces'], 10);
    cursor.skip('traces', 50);
    const again = reopened(cursor);
    again.addSignals(['traces', 'logs'], 70);
    assert.equal(again.nextPosition(['traces']), 51);
    assert.equal(again.nextPosition(['logs']), 71);
  });

  it('skip: never goes back', () => {
    const cursor = newCursor();
    cursor.skip('traces', 5);
    assert.equal(cursor.nextPosition(['traces']), 11);
  });

  it('skip: ends inherited requests that exist nowhere, and returns them', () => {
    const cursor = newCursor();
    for (const position of [11, 12, 13]) cursor.begin('traces', position);
    const again = reopened(cursor);
    again.begin('traces', 12);
    assert.deepEqual(again.skip('traces', 12), [11]);
    assert.deepEqual(again.skip('traces', 12), []);
    assert.equal(again.pendingCount(['traces'], 14), 2);
  });

  it('pendingCount: requests without an answer, and all unread ones', () => {
    const cursor = newCursor();
    assert.equal(cursor.pendingCount(['traces'], 11), 0);
    cursor.begin('traces', 11);
    cursor.begin('traces', 12);
    cursor.end('traces', 12);
    assert.equal(cursor.pendingCount(['traces'], 21), 1 + 8);
    assert.equal(cursor.pendingCount(['traces', 'logs'], 21), 10);
    cursor.skip('logs', 12);
    assert.equal(cursor.pendingCount(['traces', 'logs'], 21), 1 + 8);
  });

  it('truncate: positions that are given again are needed', () => {
    const cursor = newCursor();
    for (const position of [11, 12, 13]) cursor.begin('traces', position);
    const again = reopened(cursor);
    again.truncate(12);
    const wanted = [10, 11, 12, 13].filter((position) => again.isNeeded('traces', position));
    assert.deepEqual(wanted, [11, 12, 13]);
    assert.equal(again.pendingCount(['traces'], 12), 1);
  });

  it('fromText: other text and text of another lane give undefined', () => {
    const cursor = newCursor();
    cursor.begin('logs', 12);
    const text = cursor.toText();
    for (const wrong of ['', '{}', text.slice(0, -1), `${text}\n`, 'null\n']) {
      assert.equal(Cursor.fromText(0, wrong), undefined);
    }
    assert.equal(Cursor.fromText(1, text), undefined);
  });

  it('fromText: impossible values give undefined', () => {
    for (const place of [
      '{"lane":0,"signal":"traces","through":"1","pending":[]}',
      '{"lane":0,"signal":"traces","through":1,"pending":[0.5]}',
      '{"lane":0,"signal":"profiles","through":1,"pending":[]}',
    ]) {
      const text = `{"version":1,"places":[${place}]}\n`;
      assert.equal(Cursor.fromText(0, text), undefined, place);
    }
  });

  it('any order of answers: after a kill exactly the unanswered requests are needed', () => {
    const random = seededRandom();
    const cursor = newCursor(0);
    const open = new Set<number>();
    for (let position = 1; position <= 500; position += 1 + random.below(3)) {
      cursor.begin('traces', position);
      open.add(position);
      for (const begun of [...open]) {
        if (random.below(3) > 0) continue;
        cursor.end('traces', begun);
        open.delete(begun);
      }
      const again = reopened(cursor);
      for (let before = 1; before <= position; before++) {
        assert.equal(again.isNeeded('traces', before), open.has(before));
      }
    }
  });
});
