/** A receiver that only counts answers, at the same time as other receivers. */
import { workerData } from 'node:worker_threads';
import { RequestCounter } from '../../src/ring/request-counts.ts';

export interface RequestOptions {
  readonly buffer: SharedArrayBuffer;
  /** Number of receivers that have started. */
  readonly started: Int32Array;
  readonly receivers: number;
  readonly requests: number;
}

const { buffer, started, receivers, requests } = workerData as RequestOptions;
const counter = new RequestCounter(buffer);
Atomics.add(started, 0, 1);
Atomics.notify(started, 0);
for (let count = 0; count < receivers; count = Atomics.load(started, 0)) {
  Atomics.wait(started, 0, count, 100);
}
for (let request = 0; request < requests; request += 1) counter.add('traces', 'http', 200);
