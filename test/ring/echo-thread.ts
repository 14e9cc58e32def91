/**
 * A lane that sleeps after each frame and answers each frame with its time. A raised bit ends it.
 */
import { workerData } from 'node:worker_threads';
import { Consumer } from '../../src/ring/consumer.ts';
import type { LaneLayout } from '../../src/ring/layout.ts';

interface EchoOptions {
  readonly buffer: SharedArrayBuffer;
  readonly layout: LaneLayout;
  readonly timeoutMs: number;
}

const { buffer, layout, timeoutMs } = workerData as EchoOptions;
const consumer = new Consumer(buffer, layout);
let last = 0n;

while (consumer.doorbell.takeRaised() === 0) {
  consumer.waitForWork(timeoutMs);
  const taken = consumer.take(0, { bytesMax: 1, framesMax: 1 }, ({ receivedTimeNs }) => {
    last = receivedTimeNs;
  });
  if (taken === 0) continue;
  consumer.release(0);
  consumer.pushResult(0, Number(last & 0xffn));
  consumer.flushResults();
}
