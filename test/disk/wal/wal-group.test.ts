/**
 * Shows that a group has the bytes of its frames, wherever they lie, in as few ranges as possible.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WalGroup } from '../../../src/disk/wal/wal-group.ts';
import { Consumer } from '../../../src/ring/consumer.ts';
import { initialiseLane, planLayout } from '../../../src/ring/layout.ts';
import { Producer } from '../../../src/ring/producer.ts';
import type { TakenFrame } from '../../../src/ring/taken-frame.ts';
import { frameBytes } from '../../../src/shared/frame.ts';
import { bodyOf, openLog, owner, readLog } from '../example-log.ts';
import { VolatileStorage } from '../volatile-storage.ts';

function memoryOf(bytes: number): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(bytes);
  const view = new Uint8Array(memory);
  for (let at = 0; at < bytes; at++) view[at] = at & 255;
  return memory;
}

function frameAt(address: number, bodyBytes: number, bodyAddress = address + 40) {
  return { address, bodyAddress, bodyBytes };
}

describe('WalGroup', () => {
  const memory = memoryOf(4096);

  function rangesOf(group: WalGroup): [number, number][] {
    return group.views().map((view) => [view.byteOffset, view.byteLength]);
  }

  it('frames one behind the other: are one range, and a view of the memory itself', () => {
    const group = new WalGroup(() => memory);
    group.add(frameAt(0, 8));
    group.add(frameAt(48, 1));
    group.add(frameAt(96, 0));
    assert.deepEqual(rangesOf(group), [[0, 136]]);
    assert.equal(group.views()[0]?.buffer, memory);
    assert.deepEqual([group.bytes, group.frameCount], [136, 3]);
  });

  it('a frame that was refused between them: splits the range', () => {
    const group = new WalGroup(() => memory);
    group.add(frameAt(0, 8));
    group.add(frameAt(96, 8));
    assert.deepEqual(rangesOf(group), [
      [0, 48],
      [96, 48],
    ]);
  });

  it('a body elsewhere: is its header, and then the body with its padding', () => {
    const group = new WalGroup(() => memory);
    group.add(frameAt(512, 8));
    group.add(frameAt(560, 13, 64));
    group.add(frameAt(600, 8));
    assert.deepEqual(rangesOf(group), [
      [512, 88],
      [64, 16],
      [600, 48],
    ]);
    assert.equal(group.bytes, 48 + frameBytes(13) + 48);
  });

  it('an empty body elsewhere: is its header', () => {
    const group = new WalGroup(() => memory);
    group.add(frameAt(512, 0, 64));
    assert.deepEqual(rangesOf(group), [[512, 40]]);
  });

  it('cleared: is as new', () => {
    const group = new WalGroup(() => memory);
    group.add(frameAt(0, 8));
    group.clear();
    assert.deepEqual([group.bytes, group.frameCount, group.views()], [0, 0, []]);
    group.add(frameAt(48, 8));
    assert.deepEqual(rangesOf(group), [[48, 48]]);
  });

  it('memory that grew: is asked for anew', () => {
    let grown = memoryOf(64);
    const group = new WalGroup(() => grown);
    grown = memoryOf(1024);
    group.add(frameAt(512, 8));
    assert.equal(group.views()[0]?.buffer, grown);
  });
});

describe('WalGroup over a ring', () => {
  const layout = planLayout({ base: 64, ringCount: 1, ringBytes: 1024, overflowBytes: 2000 });

  it('refusals, wraps and the overflow slot: what was sent is in the log', () => {
    const memory = new SharedArrayBuffer(layout.base + layout.bytes);
    initialiseLane(memory, layout);
    const producer = new Producer(memory, layout, 0);
    const consumer = new Consumer(memory, layout);
    const storage = new VolatileStorage();
    const folder = '/out/.archer/wal/lane-3';
    const log = openLog(storage, folder, { walBytesMax: 8 * 65536 });
    const group = new WalGroup(() => memory);
    const sent: Uint8Array[] = [];
    let position = 1;
    let groupEpoch: number | 'full' = 'full';
    /**
     * Does what a lane does: a frame that belongs in another file than the group so far must wait.
     */
    const visit = (frame: TakenFrame) => {
      const epoch = log.begin(group.bytes + frameBytes(frame.bodyBytes));
      assert.ok(epoch !== 'full');
      if (group.frameCount > 0 && epoch !== groupEpoch) return false;
      if (frame.bodyBytes % 5 !== 0) {
        groupEpoch = epoch;
        consumer.stampFrame(frame.address, { lane: owner.lane, position: position++, epoch });
        group.add(frame);
      }
      consumer.pushResult(0, 0);
      return true;
    };
    const drain = () => {
      const firstPosition = position;
      const frameCount = consumer.take(0, { bytesMax: 65536, framesMax: 64 }, visit);
      if (group.frameCount > 0) log.append(group.views(), firstPosition, position - 1);
      group.clear();
      consumer.release(0);
      consumer.flushResults();
      producer.takeResults(() => {});
      log.release(Math.max(1, position - 40));
      return frameCount;
    };
    for (let size = 1; size < 500; size++) {
      for (const bytes of [size, 3 * size, size % 17]) {
        const body = bodyOf(sent.length, bytes);
        if (producer.publish(0, 7n, [body], bytes) < 0) continue;
        if (bytes % 5 !== 0) sent.push(body);
      }
      while (drain() > 0);
    }
    const found = readLog(storage, folder).filter((item) => item.kind === 'frame');
    assert.ok(found.length >= 40 && found.at(-1)?.position === sent.length);
    for (const frame of found) assert.deepEqual(frame.body, sent[frame.position - 1]);
  });
});
