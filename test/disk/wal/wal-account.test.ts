/** Shows which positions count as missing, from the positions that were found. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WalAccount } from '../../../src/disk/wal/wal-account.ts';
import type { WalHeader } from '../../../src/disk/wal/wal-format.ts';
import { recorderId } from '../example-log.ts';

function use(previousPosition: number, firstPosition: number): WalHeader {
  const fields = { recorderId, lane: 0, epoch: 1, fileBytes: 4096 };
  return { ...fields, previousPosition, firstPosition };
}

function loss(from: number, to: number) {
  return { kind: 'loss', from, to };
}

describe('WalAccount', () => {
  it('frames one after the other: nothing is lost', () => {
    const account = new WalAccount(1);
    assert.equal(account.meetUse(use(0, 1)), undefined);
    assert.equal(account.meetFrame(1), undefined);
    assert.equal(account.meetFrame(2), undefined);
    assert.equal(account.meetUse(use(2, 3)), undefined);
    assert.equal(account.meetFrame(3), undefined);
    assert.deepEqual([account.lastPosition, account.nextPosition], [3, 4]);
  });

  it('a frame that does not follow: those between are lost', () => {
    const account = new WalAccount(1);
    assert.deepEqual(account.meetFrame(4), loss(1, 3));
    assert.deepEqual(account.meetFrame(6), loss(5, 5));
  });

  it('a use that knows of more than was met: that is lost', () => {
    const account = new WalAccount(1);
    account.meetFrame(1);
    assert.deepEqual(account.meetUse(use(5, 6)), loss(2, 5));
    assert.equal(account.meetFrame(6), undefined);
  });

  it('positions that a use leaves out: were refused, and are not lost', () => {
    const account = new WalAccount(1);
    account.meetFrame(1);
    assert.equal(account.meetUse(use(1, 9)), undefined);
    assert.equal(account.nextPosition, 9);
    assert.equal(account.lastPosition, 1);
    assert.equal(account.meetFrame(9), undefined);
  });

  it('below what is needed: nothing is lost', () => {
    const account = new WalAccount(10);
    assert.equal(account.meetUse(use(5, 6)), undefined);
    assert.equal(account.meetFrame(8), undefined);
    assert.deepEqual(account.meetFrame(12), loss(10, 11));
  });

  it('where nothing is said to be needed: what comes before the first is not lost', () => {
    const account = new WalAccount(undefined);
    assert.equal(account.isDone(1), false);
    assert.equal(account.meetFrame(50), undefined);
    assert.deepEqual(account.meetFrame(52), loss(51, 51));
    assert.equal(new WalAccount(undefined).meetUse(use(70, 71)), undefined);
  });

  it('a frame that was met, or is not needed: is done', () => {
    const account = new WalAccount(3);
    assert.deepEqual([account.isDone(2), account.isDone(3)], [true, false]);
    account.meetFrame(3);
    assert.deepEqual([account.isDone(3), account.isDone(4)], [true, false]);
  });

  it('a position that was only seen: is not given out again, and not met', () => {
    const account = new WalAccount(1);
    account.see(7);
    assert.deepEqual(
      [account.nextPosition, account.lastPosition, account.isDone(7)],
      [8, 0, false],
    );
  });
});
