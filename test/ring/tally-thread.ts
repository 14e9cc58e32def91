/** A lane that only counts, as fast as it can, until it is stopped. */
import { parentPort, workerData } from 'node:worker_threads';
import { TallyWriter } from '../../src/ring/tallies.ts';

const { buffer, stop } = workerData as { buffer: SharedArrayBuffer; stop: Int32Array };
const writer = new TallyWriter(buffer, 0);
parentPort!.postMessage('counting');

for (let step = 0; Atomics.load(stop, 0) === 0; step += 1) {
  // Some numbers are large, so that both words of a count change together.
  const items = step % 64 === 0 ? 2 ** 32 - 5 : 1 + (step % 1000);
  writer.add('traces', { received: items, pending: items });
  writer.add('traces', { pending: -items, archived: items });
  writer.add('logs', { received: items, too_large: items - 1, unavailable: 1 });
}
