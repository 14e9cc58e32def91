/** A group of frames goes into the log stamped and in one piece, or not at all. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { WalReach, WalWriter } from '../../src/disk/wal/wal-writer.ts';
import { FrameLog } from '../../src/lane/frame-log.ts';
import type { Consumer, FrameStamp } from '../../src/ring/consumer.ts';

function open(epoch: number | 'full', beforeOpen = () => {}) {
  const calls: string[] = [];
  const writer = {
    begin: (bytes: number) => {
      calls.push(`begin ${bytes}`);
      return epoch;
    },
    append: (views: readonly Uint8Array[], first: number, last: number) => {
      calls.push(`append ${views.map((view) => view.byteLength)} ${first}-${last}`);
    },
    sync: () => calls.push('sync'),
    release: (neededFrom: number) => calls.push(`release ${neededFrom}`),
    missing: () => ['0001.log'],
    reach: { lastPosition: 7, nextEpoch: 3 },
    close: () => calls.push('close'),
  } as unknown as WalWriter;
  const openAfter = ({ lastPosition, nextEpoch }: WalReach) => {
    beforeOpen();
    calls.push(`open after ${lastPosition} ${nextEpoch}`);
    return { ...writer, missing: () => [] } as unknown as WalWriter;
  };
  const stampFrame = (address: number, stamp: FrameStamp) => {
    calls.push(`stamp ${address} ${stamp.lane}/${stamp.position}/${stamp.epoch}`);
  };
  const consumer = { stampFrame } as unknown as Consumer;
  const memory = { buffer: new SharedArrayBuffer(1024) };
  return { calls, log: new FrameLog({ lane: 2, writer, openAfter, consumer, memory }) };
}

const frames = [
  { address: 0, bodyAddress: 40, bodyBytes: 8, position: 5 },
  { address: 48, bodyAddress: 88, bodyBytes: 1, position: 6 },
  { address: 200, bodyAddress: 512, bodyBytes: 16, position: 7 },
];

it('append: stamps all frames, writes them as ranges, then syncs', () => {
  const { calls, log } = open(9);
  assert.equal(log.append(frames), 'appended');
  assert.deepEqual(calls, [
    'begin 152',
    'stamp 0 2/5/9',
    'stamp 48 2/6/9',
    'stamp 200 2/7/9',
    'append 96,40,16 5-7',
    'sync',
  ]);
});

it('append: a full log takes nothing', () => {
  const { calls, log } = open('full');
  assert.equal(log.append(frames), 'full');
  assert.deepEqual(calls, ['begin 152']);
});

it('release: is handed on', () => {
  const { calls, log } = open(9);
  log.release(12);
  assert.deepEqual(calls, ['release 12']);
});

it('openAnew: the next writer goes on behind the one whose files are missing', () => {
  const { calls, log } = open(9);
  assert.deepEqual(log.missing(), ['0001.log']);
  log.openAnew();
  assert.deepEqual(calls, ['open after 7 3', 'close']);
  assert.deepEqual(log.missing(), []);
  log.append(frames);
  assert.equal(calls.at(-1), 'sync');
});

it('openAnew: when it fails, the log is as it was', () => {
  const { calls, log } = open(9, () => {
    throw new Error('the disk is full');
  });
  assert.throws(() => log.openAnew(), /full/);
  assert.deepEqual([calls, log.missing()], [[], ['0001.log']]);
});
