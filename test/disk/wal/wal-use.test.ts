/** Shows how one use of a file ends, and what the reader skips in it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { walHeaderBytes } from '../../../src/disk/wal/wal-format.ts';
import { findEpoch, readUse, type WalUse } from '../../../src/disk/wal/wal-use.ts';
import { WalWindow } from '../../../src/disk/wal/wal-window.ts';
import { bodyOf, owner, stampedFrame } from '../example-log.ts';
import { VolatileStorage } from '../volatile-storage.ts';

const fileBytes = 4096;
const epoch = 9;

/** Frames as they follow a header. A whole frame takes 40 bytes plus its body. */
function fileOf(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(fileBytes);
  let at = walHeaderBytes;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

function frame(position: number, change: Partial<Parameters<typeof stampedFrame>[1]> = {}) {
  return stampedFrame(bodyOf(position, 16), { position, epoch, ...change });
}

/** Damages the first byte of the body. */
function brokenFrame(position: number): Uint8Array {
  const bytes = frame(position);
  bytes[40]! ^= 1;
  return bytes;
}

function windowOf(bytes: Uint8Array): WalWindow {
  const storage = new VolatileStorage();
  storage.put('/file', bytes);
  return new WalWindow(storage, storage.open('/file', 'read'));
}

/** Summarises the items: frames by their positions, gaps by their kind and place. */
function read(bytes: Uint8Array, change: Partial<WalUse> = {}): unknown[] {
  const use = { lane: owner.lane, epoch, firstPosition: 1, ...change };
  return Array.from(readUse(windowOf(bytes), use), (item) => {
    if (item.kind === 'frame') return item.position;
    return item.kind === 'broken'
      ? `broken ${item.position}`
      : `${item.kind} ${item.offset}+${item.bytes}`;
  });
}

describe('readUse: the end', () => {
  it('zeros behind the last frame: is clean', () => {
    assert.deepEqual(read(fileOf(frame(1), frame(2))), [1, 2]);
  });

  it('no frame at all: is clean', () => {
    assert.deepEqual(read(fileOf()), []);
  });

  it('frames up to the last byte of the file: is clean', () => {
    const bytes = fileOf(frame(1), frame(2)).subarray(0, walHeaderBytes + 2 * 56);
    assert.deepEqual(read(bytes), [1, 2]);
  });

  it('a frame of an earlier use behind the last: is clean', () => {
    assert.deepEqual(read(fileOf(frame(1), frame(2, { epoch: 8 }), frame(3, { epoch: 8 }))), [1]);
  });

  it('the middle of an earlier frame behind the last: is clean', () => {
    const earlier = frame(2, { epoch: 8 });
    assert.deepEqual(read(fileOf(frame(1), earlier.subarray(24), frame(3, { epoch: 8 }))), [1]);
  });

  it('a last frame whose body is not whole: is torn', () => {
    assert.deepEqual(read(fileOf(frame(1), brokenFrame(2))), [1, 'broken 2', 'torn 120+56']);
  });

  it('a last frame whose header is not whole: is torn', () => {
    for (const length of [4, 20, 36, 39]) {
      assert.deepEqual(read(fileOf(frame(1), frame(2).subarray(0, length))), [1, 'torn 120+40']);
    }
  });

  it('a last frame that the end of the file cuts: is torn', () => {
    const bytes = fileOf(frame(1), frame(2)).subarray(0, walHeaderBytes + 56 + 50);
    assert.deepEqual(read(bytes), [1, 'broken 2', 'torn 120+50']);
  });

  it('a torn frame over one of an earlier use: is torn', () => {
    const leftover = stampedFrame(bodyOf(77, 16), { position: 2, epoch: 8 });
    leftover.set(frame(2).subarray(0, 41));
    assert.deepEqual(read(fileOf(frame(1), leftover)), [1, 'broken 2', 'torn 120+56']);
  });
});

describe('readUse: damage', () => {
  it('a broken body with a frame behind it: is damaged', () => {
    const items = read(fileOf(frame(1), brokenFrame(2), frame(3)));
    assert.deepEqual(items, [1, 'broken 2', 'damaged 120+56', 3]);
  });

  it('bytes of no sense, with a frame behind them: are damaged', () => {
    const items = read(fileOf(frame(1), new Uint8Array(56).fill(7), frame(3)));
    assert.deepEqual(items, [1, 'damaged 120+56', 3]);
  });

  it('a broken body and then bytes of no sense: is one stretch', () => {
    const items = read(fileOf(frame(1), brokenFrame(2), new Uint8Array(112), frame(5)));
    assert.deepEqual(items, [1, 'broken 2', 'damaged 120+168', 5]);
  });

  it('two broken bodies in a row: are two stretches', () => {
    const items = read(fileOf(frame(1), brokenFrame(2), brokenFrame(3), frame(4)));
    assert.deepEqual(items, [1, 'broken 2', 'damaged 120+56', 'broken 3', 'damaged 176+56', 4]);
  });

  it('a position that would need more bytes than were skipped: is no frame of the use', () => {
    assert.deepEqual(read(fileOf(frame(1), frame(3))), [1]);
    assert.deepEqual(read(fileOf(frame(1), new Uint8Array(40), frame(3))), [
      1,
      'damaged 120+40',
      3,
    ]);
    assert.deepEqual(read(fileOf(frame(1), new Uint8Array(40), frame(4))), [1]);
  });

  it('a position that came before: is no frame of the use', () => {
    assert.deepEqual(read(fileOf(frame(1), frame(1), frame(2))), [1, 'damaged 120+56', 2]);
  });

  it('without the first position: the first frame tells it', () => {
    const bytes = fileOf(new Uint8Array(56), frame(71), frame(72), frame(9));
    assert.deepEqual(read(bytes, { firstPosition: undefined }), ['damaged 64+56', 71, 72]);
  });

  it('another lane: has no frames here', () => {
    assert.deepEqual(read(fileOf(frame(1), frame(2)), { lane: 2 }), []);
  });
});

describe('findEpoch', () => {
  it('the first frame of the lane: tells it', () => {
    const parts = [
      new Uint8Array(48).fill(1),
      frame(1, { lane: 8 }),
      frame(5),
      frame(6, { epoch: 8 }),
    ];
    assert.equal(findEpoch(windowOf(fileOf(...parts)), owner.lane, 100), epoch);
  });

  it('an epoch beyond what is plausible: is passed over', () => {
    const bytes = fileOf(frame(1, { epoch: 5000 }), frame(5));
    assert.equal(findEpoch(windowOf(bytes), owner.lane, 4999), epoch);
  });

  it('no frame: tells nothing', () => {
    assert.equal(findEpoch(windowOf(fileOf()), owner.lane, 100), undefined);
  });
});
