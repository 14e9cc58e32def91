/** A thread that waits for a result that never comes, and reports when its wait ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { ResultReader } from '../../src/ring/results.ts';

const reader = new ResultReader(workerData.buffer, workerData.layout, 0);
await reader.ready(50);
parentPort!.postMessage('ready');
