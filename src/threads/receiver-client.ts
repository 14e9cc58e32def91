/** The main thread's side of a receiver: starts its worker, hears its ports, stops it. */
import { Worker } from 'node:worker_threads';
import type { Journal } from '../shared/journal.ts';
import type { ReceiverCommand, ReceiverReply, ReceiverStart } from './receiver-messages.ts';
import { workerDeath } from './worker-death.ts';

export interface ReceiverClient {
  /** Null for a listener that is off. */
  readonly ports: { readonly grpc: number | null; readonly http: number | null };
  /** Resolves with the reason when the receiver has died; never while it works or after `stop`. */
  readonly died: Promise<string>;
  /** Gives it a lane, or takes that away. */
  tell(command: Exclude<ReceiverCommand, { kind: 'stop' }>): void;
  /**
   * Resolves once nothing is accepted any more and open requests have ended, or the grace is over.
   */
  stop(graceMs: number): Promise<void>;
}

/** Resolves once all listeners are open; rejects with one line when one cannot be. */
export async function openReceiverClient(
  start: ReceiverStart,
  journal: Journal,
): Promise<ReceiverClient> {
  const worker = new Worker(new URL('./receiver-worker.js', import.meta.url), {
    workerData: start,
    name: `receiver-${start.ringIndex}`,
  });
  const died = workerDeath(worker);
  const listening = new Promise<ReceiverClient['ports']>((resolve, reject) => {
    worker.on('message', (reply: ReceiverReply) => {
      if (reply.kind === 'journal') journal.write(reply.level, reply.message, reply.fields);
      else if (reply.kind === 'listening') resolve({ grpc: reply.grpc, http: reply.http });
      else reject(new Error(reply.message));
    });
    void died.then((reason) => reject(new Error(`the receiver could not start: ${reason}`)));
  });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const ports = await listening;
  const stop = async (graceMs: number) => {
    worker.postMessage({ kind: 'stop', graceMs } satisfies ReceiverCommand);
    await ended;
  };
  const tell: ReceiverClient['tell'] = (command) => worker.postMessage(command);
  return { ports, died, tell, stop };
}
