/** The entry of a receiver's worker thread: joins its message port with a `ReceiverThread`. */
import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../shared/invariant.ts';
import type { ReceiverCommand } from './receiver-messages.ts';
import { ReceiverThread } from './receiver-thread.ts';

invariant(parentPort !== null, 'a receiver runs in a worker');
const port = parentPort;
const thread = new ReceiverThread(workerData, {
  reply: (message) => port.postMessage(message),
  onClosed: () => port.close(),
});
port.on('message', (command: ReceiverCommand) => thread.onCommand(command));
await thread.open();
