/** How far a destination has come: kept exactly, and known again after any stop. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Cursor } from '../../src/forward/cursor.ts';
import { signals } from '../../src/shared/signal.ts';
import { seededRandom } from '../random.ts';

function newCursor(through = 10): Cursor {
  const cursor = new Cursor(0);
  cursor.want(signals, through);
  return cursor;
}

function reopened(cursor: Cursor): Cursor {
  const again = Cursor.fromText(0, cursor.toText());
  assert.ok(again !== undefined);
  return again;
}

describe('Cursor', () => {
  it('a new one: wants what comes behind its start, of every signal', () => {
    const cursor = newCursor();
    for (const signal of signals) {
      assert.ok(!cursor.isWanted(signal, 10) && cursor.isWanted(signal, 11));
      assert.equal(cursor.nextPosition([signal]), 11);
    }
  });

  it('begun: is not wanted again by this run, ended or not', () => {
    const cursor = newCursor();
    for (const position of [11, 12]) cursor.begin('traces', position);
    cursor.end('traces', 11);
    assert.ok(!cursor.isWanted('traces', 11) && !cursor.isWanted('traces', 12));
    assert.equal(cursor.nextPosition(['traces']), 13);
  });

  it('begun and not ended: is wanted by the next start, and only that', () => {
    const cursor = newCursor();
    for (const position of [11, 13, 14]) cursor.begin('traces', position);
    cursor.end('traces', 13);
    const again = reopened(cursor);
    const wanted = [11, 12, 13, 14, 15].filter((position) => again.isWanted('traces', position));
    assert.deepEqual(wanted, [11, 14, 15]);
    assert.equal(again.nextPosition(['traces']), 11);
    again.begin('traces', 11);
    assert.equal(again.nextPosition(['traces']), 14);
  });

  it('signals: go on by themselves; the lowest place of those asked for is the next', () => {
    const cursor = newCursor();
    cursor.pass('traces', 90);
    cursor.pass('logs', 40);
    assert.equal(cursor.nextPosition(['traces']), 91);
    assert.equal(cursor.nextPosition(['traces', 'logs']), 41);
    assert.equal(cursor.nextPosition(signals), 11);
  });

  it('a signal that is wanted later: begins where it is said then, the others stay', () => {
    const cursor = new Cursor(0);
    cursor.want(['traces'], 10);
    cursor.pass('traces', 50);
    const again = reopened(cursor);
    again.want(['traces', 'logs'], 70);
    assert.equal(again.nextPosition(['traces']), 51);
    assert.equal(again.nextPosition(['logs']), 71);
  });

  it('passing: never goes back', () => {
    const cursor = newCursor();
    cursor.pass('traces', 5);
    assert.equal(cursor.nextPosition(['traces']), 11);
  });

  it('passing what an earlier run had begun, and nobody gives any more: it is ended, and named', () => {
    const cursor = newCursor();
    for (const position of [11, 12, 13]) cursor.begin('traces', position);
    const again = reopened(cursor);
    again.begin('traces', 12);
    assert.deepEqual(again.pass('traces', 12), [11]);
    assert.deepEqual(again.pass('traces', 12), []);
    assert.equal(again.behind(['traces'], 14), 2);
  });

  it('behind: those without an answer, and all that were not read', () => {
    const cursor = newCursor();
    assert.equal(cursor.behind(['traces'], 11), 0);
    cursor.begin('traces', 11);
    cursor.begin('traces', 12);
    cursor.end('traces', 12);
    assert.equal(cursor.behind(['traces'], 21), 1 + 8);
    assert.equal(cursor.behind(['traces', 'logs'], 21), 10);
    cursor.pass('logs', 12);
    assert.equal(cursor.behind(['traces', 'logs'], 21), 1 + 8);
  });

  it('a log that ends before it: what comes next is wanted, whatever was there', () => {
    const cursor = newCursor();
    for (const position of [11, 12, 13]) cursor.begin('traces', position);
    const again = reopened(cursor);
    again.notBeyond(12);
    const wanted = [10, 11, 12, 13].filter((position) => again.isWanted('traces', position));
    assert.deepEqual(wanted, [11, 12, 13]);
    assert.equal(again.behind(['traces'], 12), 1);
  });

  it('its text: other text, and text of another lane, is no cursor', () => {
    const cursor = newCursor();
    cursor.begin('logs', 12);
    const text = cursor.toText();
    for (const wrong of ['', '{}', text.slice(0, -1), `${text}\n`, 'null\n']) {
      assert.equal(Cursor.fromText(0, wrong), undefined);
    }
    assert.equal(Cursor.fromText(1, text), undefined);
  });

  it('a text that no cursor has: is none', () => {
    for (const place of [
      '{"lane":0,"signal":"traces","through":"1","pending":[]}',
      '{"lane":0,"signal":"traces","through":1,"pending":[0.5]}',
      '{"lane":0,"signal":"profiles","through":1,"pending":[]}',
    ]) {
      const text = `{"version":1,"places":[${place}]}\n`;
      assert.equal(Cursor.fromText(0, text), undefined, place);
    }
  });

  it('any order of answers: what is wanted after a kill is what had no answer', () => {
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
        assert.equal(again.isWanted('traces', before), open.has(before));
      }
    }
  });
});
