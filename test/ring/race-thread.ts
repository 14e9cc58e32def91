/** The lane or the producer of a race for a small ring. This thread never sleeps for long. */
import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import { Consumer } from '../../src/ring/consumer.ts';
import type { LaneLayout } from '../../src/ring/layout.ts';
import { Producer } from '../../src/ring/producer.ts';
import type { TakenFrame } from '../../src/ring/taken-frame.ts';

export interface RaceOptions {
  readonly role: 'lane' | 'producer';
  readonly buffer: SharedArrayBuffer;
  readonly layout: LaneLayout;
  /** The race ends after this many frames or after `durationMs`. */
  readonly frames: number;
  readonly durationMs: number;
}

const { role, buffer, layout, frames, durationMs } = workerData as RaceOptions;

/** The signal of the last frame. */
const lastSignal = 2;

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Usually returns at once. It sometimes sleeps, because both threads may share one core. */
function lookAgain(looks: number): void {
  if (looks % 20_000 === 19_999) Atomics.wait(pause, 0, 0, 0.05);
}

/** Each word of a body depends on the frame's number, so that stale or torn words are noticed. */
function wordOf(number: number, index: number): number {
  return Math.imul(number + 1, 0x9e3779b1 + 2 * index);
}

const words = new Int32Array(6);
const wordBytes = new Uint8Array(words.buffer);

function publishAll(): number {
  const producer = new Producer(buffer, layout, 0);
  const endMs = performance.now() + durationMs;
  let answered = 0;
  const checkResult = (outcomeNumber: number) => {
    assert.equal(outcomeNumber, answered & 0xff);
    answered += 1;
  };
  let number = 0;
  for (let last = false; !last; number += 1) {
    last = number + 1 === frames || (number % 64 === 0 && performance.now() > endMs);
    const count = number % (words.length + 1);
    for (let index = 0; index < count; index += 1) words[index] = wordOf(number, index);
    const body = [wordBytes.subarray(0, count * 4)];
    const signal = last ? lastSignal : 0;
    let looks = 0;
    while (producer.publish(signal, BigInt(number), body, count * 4) < 0) {
      producer.takeResults(checkResult);
      lookAgain(looks++);
    }
  }
  for (let looks = 0; answered < number; looks += 1) {
    producer.takeResults(checkResult);
    lookAgain(looks);
  }
  return number;
}

function takeAll(): number {
  const consumer = new Consumer(buffer, layout);
  const data = new DataView(buffer);
  let number = 0;
  let last = false;
  const checkFrame = (frame: TakenFrame) => {
    assert.equal(frame.receivedTimeNs, BigInt(number));
    assert.equal(frame.bodyBytes, 4 * (number % (words.length + 1)));
    for (let index = 0; index < frame.bodyBytes / 4; index += 1) {
      const word = data.getInt32(frame.bodyAddress + index * 4, true);
      assert.equal(word, wordOf(number, index));
    }
    last = frame.signalNumber === lastSignal;
    number += 1;
  };
  for (let looks = 0; !last; looks += 1) {
    const first = number;
    if (consumer.take(0, { bytesMax: 1024, framesMax: 8 }, checkFrame) === 0) {
      lookAgain(looks);
      continue;
    }
    consumer.release(0);
    for (let answered = first; answered < number; answered += 1) {
      consumer.pushResult(0, answered & 0xff);
    }
    consumer.flushResults();
  }
  return number;
}

parentPort!.postMessage(role === 'lane' ? takeAll() : publishAll());
