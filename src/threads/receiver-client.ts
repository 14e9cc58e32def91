/** The main thread's side of a receiver: starts its worker, sends it commands and stops it. */
import { Worker } from 'node:worker_threads';
import type { Journal } from '../shared/journal.ts';
import type { ReceiverCommand, ReceiverReply, ReceiverStart } from './receiver-messages.ts';
import { workerDeath } from './worker-death.ts';

export interface ReceiverClient {
  /** Null for a listener that is off. */
  readonly ports: { readonly grpc: number | null; readonly http: number | null };
  /** Resolves with the reason if the receiver dies; never resolves if it ends after `stop`. */
  readonly died: Promise<string>;
  send(command: Exclude<ReceiverCommand, { kind: 'stop' }>): void;
  /**
   * The receiver accepts nothing new. Resolves once open requests have ended, or after `graceMs`
   * milliseconds.
   */
  stop(graceMs: number): Promise<void>;
}

/**
 * Resolves once all listeners are open. Rejects with an error of one line, which names the reason
 * and the remedy, if a listener cannot be opened.
 */
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
  const send: ReceiverClient['send'] = (command) => worker.postMessage(command);
  const stop = async (graceMs: number) => {
    worker.postMessage({ kind: 'stop', graceMs } satisfies ReceiverCommand);
    await ended;
  };
  return { ports, died, send, stop };
}
