/** A thread that waits for a result which does not come, and says when it no longer waits. */
import { parentPort, workerData } from 'node:worker_threads';
import { ResultReader } from '../../src/ring/results.ts';

const reader = new ResultReader(workerData.buffer, workerData.layout, 0);
await reader.ready(50);
parentPort!.postMessage('ready');
