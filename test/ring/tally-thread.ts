/** A lane that does nothing but count, as fast as it can, until it is told to stop. */
import { parentPort, workerData } from 'node:worker_threads';
import { TallyWriter } from '../../src/ring/tallies.ts';

const { buffer, stop } = workerData as { buffer: SharedArrayBuffer; stop: Int32Array };
const writer = new TallyWriter(buffer, 0);
parentPort!.postMessage('counting');

for (let step = 0; Atomics.load(stop, 0) === 0; step += 1) {
  // Now and then large, so that a count's two words change together.
  const items = step % 64 === 0 ? 2 ** 32 - 5 : 1 + (step % 1000);
  writer.add('traces', { received: items, pending: items });
  writer.add('traces', { pending: -items, archived: items });
  writer.add('logs', { received: items, too_large: items - 1, unavailable: 1 });
}
