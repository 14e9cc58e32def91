/** A lane that checks numbered frames: those of each producer arrive in order, once, and intact. */
import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { Consumer } from '../../src/ring/consumer.ts';
import type { LaneLayout } from '../../src/ring/layout.ts';
import type { TakenFrame } from '../../src/ring/taken-frame.ts';
import { frameField } from '../../src/shared/frame.ts';
import { findFault, outcomeOf } from './numbered-frames.ts';

export interface LaneOptions {
  readonly buffer: SharedArrayBuffer;
  readonly layout: LaneLayout;
  /** Number of frames from each producer. */
  readonly frames: number;
  readonly bytesMax: number;
}

const { buffer, layout, frames, bytesMax } = workerData as LaneOptions;
const limits = { bytesMax: 2 ** 20, framesMax: 64 };
const bytes = Buffer.from(buffer);
const consumer = new Consumer(buffer, layout);
const next = Array<number>(layout.ringCount).fill(0);
let inOverflow = 0;

function checkFrame(ringIndex: number, frame: TakenFrame): void {
  const number = next[ringIndex]!;
  const body = bytes.subarray(frame.bodyAddress, frame.bodyAddress + frame.bodyBytes);
  assert.equal(findFault(body, ringIndex, number, bytesMax), undefined, `frame ${number}`);
  assert.equal(frame.receivedTimeNs, BigInt(number));
  assert.equal(bytes.readUInt32LE(frame.address + frameField.bodyCrc32), crc32(body));
  next[ringIndex] = number + 1;
  if (frame.inOverflow) inOverflow += 1;
}

/** Drains every ring once. Returns the number of frames. */
function drain(): number {
  let taken = 0;
  for (let ringIndex = 0; ringIndex < layout.ringCount; ringIndex += 1) {
    const first = next[ringIndex]!;
    taken += consumer.take(ringIndex, limits, (frame) => checkFrame(ringIndex, frame));
    consumer.release(ringIndex);
    for (let number = first; number < next[ringIndex]!; number += 1) {
      consumer.pushResult(ringIndex, outcomeOf(ringIndex, number));
    }
  }
  consumer.flushResults();
  return taken;
}

while (next.some((number) => number < frames)) {
  if (drain() === 0) consumer.waitForWork(20_000);
}
parentPort!.postMessage({ next, inOverflow, leftCount: drain() });
