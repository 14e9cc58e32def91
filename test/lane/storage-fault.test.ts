/** What a lane knows of its disk, with a clock that is moved by hand. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StorageFault } from '../../src/lane/storage-fault.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { diskError } from '../disk/fault-storage.ts';

function open(freeBytesMin = 100) {
  const clock = new ManualClock(0);
  const told: (string | undefined)[] = [];
  const disk: { freeBytes: number; code?: string } = { freeBytes: 1_000 };
  const fault = new StorageFault({
    clock,
    freeBytes: () => {
      if (disk.code !== undefined) throw diskError(disk.code);
      return disk.freeBytes;
    },
    freeBytesMin,
    onChange: (reason) => told.push(reason),
  });
  return { clock, told, disk, fault };
}

const fails = (code: string) => () => {
  throw diskError(code);
};

describe('storage fault', () => {
  it('attempt: a fault of the disk is a value and is told once, also when it lasts', () => {
    const { fault, told } = open();
    assert.equal(fault.attempt(fails('ENOSPC')), false);
    assert.equal(fault.attempt(fails('ENOSPC')), false);
    assert.match(fault.reason ?? '', /ENOSPC/);
    assert.equal(told.length, 1);
    assert.equal(
      fault.attempt(() => {}),
      true,
    );
    assert.deepEqual([fault.reason, told.at(-1)], [undefined, undefined]);
  });

  it('attempt: a defect of the program goes on as it came', () => {
    const { fault } = open();
    const defect = () => {
      throw new Error('invariant broken');
    };
    assert.throws(() => fault.attempt(defect), /invariant broken/);
    assert.throws(() => fault.attempt(fails('ERR_OUT_OF_RANGE')), /ERR_OUT_OF_RANGE/);
    assert.equal(fault.reason, undefined);
  });

  it('attemptLong: is told when it has ended, and not before', async () => {
    const { fault, told } = open();
    fault.attempt(fails('ENOSPC'));
    const long = fault.attemptLong(async () => {});
    assert.equal(told.length, 1);
    assert.deepEqual([await long, told.length, fault.reason], [true, 2, undefined]);
    assert.equal(await fault.attemptLong(async () => fails('EIO')()), false);
    assert.match(fault.reason ?? '', /EIO/);
    await assert.rejects(
      fault.attemptLong(async () => fails('ERR_OUT_OF_RANGE')()),
      /RANGE/,
    );
  });

  it('isRetryDue: a second after each failure', () => {
    const { clock, fault } = open();
    fault.attempt(fails('EIO'));
    assert.equal(fault.isRetryDue, false);
    clock.advance(1_000);
    assert.equal(fault.isRetryDue, true);
    fault.attempt(fails('EIO'));
    assert.equal(fault.isRetryDue, false);
  });

  it('look: free space is looked at once a second', () => {
    const { clock, disk, fault } = open();
    fault.look();
    assert.equal(fault.reason, undefined);
    disk.freeBytes = 99;
    fault.look();
    assert.equal(fault.reason, undefined);
    clock.advance(1_000);
    fault.look();
    assert.equal(fault.reason, undefined, 'retention has a second to make room');
    clock.advance(1_000);
    fault.look();
    assert.match(fault.reason ?? '', /99 bytes are free/);
    assert.equal(fault.isWriteFailing, false);
  });

  it('look: space that cannot be asked for is a fault, unless the folder is only missing', () => {
    const { clock, disk, told, fault } = open();
    disk.code = 'EIO';
    fault.look();
    assert.match(fault.reason ?? '', /EIO/);
    disk.code = 'ENOENT';
    clock.advance(1_000);
    fault.look();
    assert.deepEqual([fault.reason, told.length], [undefined, 2]);
    disk.code = 'ERR_OUT_OF_RANGE';
    clock.advance(1_000);
    assert.throws(() => fault.look(), /ERR_OUT_OF_RANGE/);
  });

  it('look: another limit counts from the next look on, and 0 forgets the old reason', () => {
    const { clock, disk, fault } = open();
    fault.look();
    fault.setFreeBytesMin(disk.freeBytes + 1);
    fault.look();
    clock.advance(1_000);
    fault.look();
    assert.match(fault.reason ?? '', /retention.min_free_bytes/);
    fault.setFreeBytesMin(0);
    fault.look();
    assert.equal(fault.reason, undefined);
  });

  it('look: 0 turns it off', () => {
    const { disk, fault } = open(0);
    disk.freeBytes = 0;
    fault.look();
    assert.equal(fault.reason, undefined);
  });
});
