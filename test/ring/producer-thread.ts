/** A thread that publishes numbered frames and checks that results come back in the same order. */
import assert from 'node:assert/strict';
import { workerData } from 'node:worker_threads';
import type { LaneLayout } from '../../src/ring/layout.ts';
import { Producer } from '../../src/ring/producer.ts';
import { outcomeOf, prefixOf, restOf } from './numbered-frames.ts';

export interface ProducerOptions {
  readonly buffer: SharedArrayBuffer;
  readonly layout: LaneLayout;
  readonly ringIndex: number;
  readonly frames: number;
  readonly bytesMax: number;
}

const { buffer, layout, ringIndex, frames, bytesMax } = workerData as ProducerOptions;
const producer = new Producer(buffer, layout, ringIndex);
let answered = 0;

function checkResult(outcomeNumber: number): void {
  assert.equal(outcomeNumber, outcomeOf(ringIndex, answered), `result ${answered}`);
  answered += 1;
}

let published = 0;
while (answered < frames) {
  let ticket = 0;
  while (published < frames && ticket >= 0) {
    const prefix = prefixOf(ringIndex, published);
    const rest = restOf(ringIndex, published, bytesMax);
    const bodyBytes = prefix.length + rest.length;
    ticket = producer.publish(0, BigInt(published), [prefix, rest], bodyBytes);
    if (ticket < 0) break;
    assert.equal(ticket, published);
    published += 1;
  }
  // This thread gets no signal when another producer's overflow slot becomes free, so the cap is
  // short.
  if (producer.takeResults(checkResult) === 0) await producer.resultsReady(5);
}
