/** The entry of a lane's thread: connects it with the main thread, the disk and the clock. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { nativeCompress, zstdLevel } from '../columns/arrow/zstd.ts';
import { nodeStorage } from '../disk/storage.ts';
import { systemClock } from '../shared/clock.ts';
import { invariant } from '../shared/invariant.ts';
import { runLaneThread } from './lane-thread.ts';

invariant(parentPort !== null, 'a lane runs in a worker');
const port = parentPort;

await runLaneThread(workerData, {
  storage: nodeStorage,
  clock: systemClock,
  compress: nativeCompress(zstdLevel),
  reply: (message) => port.postMessage(message),
  nextCommand: () => receiveMessageOnPort(port)?.message,
});
