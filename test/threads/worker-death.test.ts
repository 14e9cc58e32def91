/** A worker's death is told with its reason; a good end is not. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { workerDeath } from '../../src/threads/worker-death.ts';

const start = (code: string) => new Worker(code, { eval: true });

it('workerDeath: tells the error that ended the worker', async () => {
  assert.match(await workerDeath(start('throw new Error("disk on fire")')), /disk on fire/);
});

it('workerDeath: tells an exit code other than 0', async () => {
  assert.match(await workerDeath(start('process.exit(3)')), /exit code 3/);
});

it('workerDeath: says nothing of a worker that ends well', async () => {
  const worker = start('');
  const ended = new Promise((resolve) => worker.once('exit', () => resolve('ended')));
  assert.equal(await Promise.race([workerDeath(worker), ended]), 'ended');
});
