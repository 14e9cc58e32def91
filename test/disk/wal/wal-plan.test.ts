/** Shows where a group is placed for every state that the files of a log can have. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { walHeaderBytes } from '../../../src/disk/wal/wal-format.ts';
import {
  hasRoom,
  moveTo,
  planPlace,
  planRelease,
  type WalFileState,
  type WalPhase,
} from '../../../src/disk/wal/wal-plan.ts';

const fileBytes = 4096;
const limits = { fileBytes, ownBytesMax: 3 * fileBytes };
const groupBytesMax = fileBytes - walHeaderBytes;

function file(change: Partial<WalFileState>): WalFileState {
  const state = { bytes: fileBytes, kind: 'fixed', phase: 'free', epoch: 0 } as const;
  return { ...state, endBytes: 0, lastPosition: 0, ...change };
}

function current(endBytes: number): WalFileState {
  return file({ phase: 'current', epoch: 9, endBytes });
}

function left(epoch: number, lastPosition: number, change: Partial<WalFileState> = {}) {
  return file({ phase: 'left', epoch, lastPosition, ...change });
}

/** Returns the place of a group that continues where the last group ended. */
function placeOf(files: readonly WalFileState[], bytes: number) {
  return planPlace(files, { bytes, goesOn: true }, limits);
}

describe('planPlace', () => {
  it('a current file with room: takes the group behind the last', () => {
    const files = [file({}), current(1000)];
    for (const bytes of [40, fileBytes - 1000]) {
      assert.deepEqual(placeOf(files, bytes), { action: 'append', file: files[1] });
    }
  });

  it('a current file without room, or none: the longest unused of the free files takes it', () => {
    const files = [file({ epoch: 5 }), left(1, 3), file({ epoch: 2 }), file({ epoch: 3 })];
    const place = { action: 'reuse', file: files[2] };
    assert.deepEqual(placeOf(files, 40), place);
    assert.deepEqual(placeOf([...files, current(4090)], 40), place);
    assert.deepEqual(placeOf([...files, current(4090)], groupBytesMax), place);
  });

  it('files that were never used: come first', () => {
    const files = [file({ epoch: 1 }), file({ epoch: 0 })];
    assert.deepEqual(placeOf(files, 40), { action: 'reuse', file: files[1] });
  });

  it('a group that does not go on: leaves a current file with room', () => {
    const files = [current(1000), file({ epoch: 2 })];
    const group = { bytes: 40, goesOn: false };
    assert.deepEqual(planPlace(files, group, limits), { action: 'reuse', file: files[1] });
    assert.equal(planPlace([current(1000)], group, limits), 'full');
  });

  it('no free file: is full', () => {
    assert.equal(placeOf([left(1, 3), current(4090)], 40), 'full');
    assert.equal(placeOf([], 40), 'full');
  });

  it('a group that no file takes: gets one of its own length', () => {
    const place = { action: 'create', bytes: fileBytes + 8 };
    assert.deepEqual(placeOf([file({})], groupBytesMax + 8), place);
    assert.deepEqual(placeOf([], groupBytesMax + 8), place);
  });

  it('own files that together have reached their limit: are full, but one is always made', () => {
    const own = left(4, 8, { kind: 'own', bytes: 2 * fileBytes });
    assert.equal(placeOf([own], groupBytesMax + 8), 'full');
    assert.equal(placeOf([file({}), own], groupBytesMax + 8), 'full');
    const last = { ...own, phase: 'current', endBytes: own.bytes } as const;
    for (const files of [[file({})], [last]]) {
      assert.notEqual(placeOf(files, 100 * fileBytes), 'full');
    }
  });

  it('a growing group: never goes back to an earlier epoch', () => {
    const files = [file({ epoch: 1 }), current(3000)];
    const order = ['append', 'reuse', 'create'];
    let last = 0;
    for (let bytes = 40; bytes < 2 * fileBytes; bytes += 8) {
      const place = placeOf(files, bytes);
      assert.ok(place !== 'full');
      assert.ok(order.indexOf(place.action) >= last);
      last = order.indexOf(place.action);
    }
    assert.equal(last, 2);
  });
});

describe('hasRoom', () => {
  it('up to the last byte: there is room', () => {
    assert.equal(hasRoom(current(4048), 48), true);
    assert.equal(hasRoom(current(4048), 56), false);
  });
});

describe('planRelease', () => {
  it('files that are left and below what is needed: are released', () => {
    const files = [left(1, 10), left(2, 20), left(3, 0), current(100), file({})];
    assert.deepEqual(planRelease(files, 11), [files[0], files[2]]);
    assert.deepEqual(planRelease(files, 10), [files[2]]);
    assert.deepEqual(planRelease(files, 21), [files[0], files[1], files[2]]);
  });

  it('the current file: is never released', () => {
    assert.deepEqual(planRelease([current(100)], 1000), []);
  });
});

describe('moveTo', () => {
  const phases: readonly WalPhase[] = ['free', 'current', 'left'];
  const allowed = ['free current', 'free left', 'current left', 'left free'];

  it('moves of the table: are made; all others are not', () => {
    for (const from of phases) {
      for (const to of phases) {
        const state = file({ phase: from });
        if (allowed.includes(`${from} ${to}`)) {
          moveTo(state, to);
          assert.equal(state.phase, to);
        } else {
          assert.throws(() => moveTo(state, to), /as its table allows/);
        }
      }
    }
  });

  it('a file of its own length: is not used again', () => {
    assert.throws(() => moveTo(left(1, 1, { kind: 'own' }), 'free'), /not used again/);
  });
});
