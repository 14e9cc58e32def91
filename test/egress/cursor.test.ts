/** How far a destination has come: kept exactly, and known again after any stop. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Cursor } from '../../src/egress/cursor.ts';
import { signals } from '../../src/shared/signal.ts';
import { seededRandom } from '../disk/random.ts';

const start = { lane: 0, through: 10 };

function reopened(cursor: Cursor): Cursor {
  const again = Cursor.fromText(0, cursor.toText());
  assert.ok(again !== undefined);
  return again;
}

describe('Cursor', () => {
  it('a new one: wants what comes behind its start, of every signal', () => {
    const cursor = Cursor.startingAt(start);
    for (const signal of signals) {
      assert.ok(!cursor.isWanted(signal, 10) && cursor.isWanted(signal, 11));
      assert.equal(cursor.nextPosition([signal]), 11);
    }
  });

  it('begun and not ended: is wanted by the next start, and only that', () => {
    const cursor = Cursor.startingAt(start);
    for (const position of [11, 13, 14]) cursor.begin('traces', position);
    cursor.end('traces', 13);
    const again = reopened(cursor);
    const wanted = [11, 12, 13, 14, 15].filter((position) => again.isWanted('traces', position));
    assert.deepEqual(wanted, [11, 14, 15]);
    assert.equal(again.nextPosition(['traces']), 11);
  });

  it('signals: go on by themselves; the lowest place of those asked for is the next', () => {
    const cursor = Cursor.startingAt(start);
    cursor.pass('traces', 90);
    cursor.pass('logs', 40);
    assert.equal(cursor.nextPosition(['traces']), 91);
    assert.equal(cursor.nextPosition(['traces', 'logs']), 41);
    assert.equal(cursor.nextPosition(signals), 11);
  });

  it('passing: never goes back', () => {
    const cursor = Cursor.startingAt(start);
    cursor.pass('traces', 5);
    assert.equal(cursor.nextPosition(['traces']), 11);
  });

  it('its text: any other byte, and text of another lane, is no cursor', () => {
    const cursor = Cursor.startingAt(start);
    cursor.begin('logs', 12);
    const text = cursor.toText();
    for (let index = 0; index < text.length; index++) {
      const other = text[index] === '1' ? '2' : '1';
      const changed = `${text.slice(0, index)}${other}${text.slice(index + 1)}`;
      assert.equal(Cursor.fromText(0, changed), undefined, `byte ${index}`);
    }
    for (const wrong of ['', '{}', text.slice(0, -1), `${text}\n`, 'null\n00000000\n']) {
      assert.equal(Cursor.fromText(0, wrong), undefined);
    }
    assert.equal(Cursor.fromText(1, text), undefined);
  });

  it('any order of answers: what is wanted after a kill is what had no answer', () => {
    const random = seededRandom();
    const cursor = Cursor.startingAt({ lane: 0, through: 0 });
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
