/** The main thread's side of a receiver: starts its worker, sends it commands and stops it. */
import { isDeepStrictEqual } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { TlsMaterial } from '../accept/tls-material.ts';
import { nodeStorage } from '../disk/storage.ts';
import { ArcherError, type Problem, problem } from '../shared/errors.ts';
import type { Journal } from '../shared/journal.ts';
import type { ReceiverCommand, ReceiverReply, ReceiverStart } from './receiver-messages.ts';
import { readReceiverTls } from './receiver-tls.ts';
import { workerDeath } from './worker-death.ts';

export interface ReceiverClient {
  /** Null for a listener that is off. */
  readonly ports: { readonly grpc: number | null; readonly http: number | null };
  /** Resolves with the reason if the receiver dies; never resolves if it ends after `stop`. */
  readonly died: Promise<Problem>;
  send(command: Extract<ReceiverCommand, { kind: 'lane' | 'lost' }>): void;
  /**
   * Reads the TLS files again. If they have changed and can be used, new connections use them. If
   * they cannot be used, the old material stays and the journal has the reason. `cause` begins the
   * line in the journal.
   */
  reloadTls(cause: string): void;
  /**
   * The receiver accepts nothing new. Resolves once open requests have ended, or after `graceMs`
   * milliseconds.
   */
  stop(graceMs: number): Promise<void>;
  /** Ends the thread at once. Resolves once it has ended. */
  end(): Promise<void>;
}

/**
 * Reads the TLS files and starts the worker. Resolves once all listeners are open. Rejects with an
 * error of one line, which names the reason and the remedy, if a file cannot be used or a listener
 * cannot be opened.
 */
export async function openReceiverClient(
  options: Omit<ReceiverStart, 'tls'>,
  journal: Journal,
): Promise<ReceiverClient> {
  let tls = readReceiverTls(nodeStorage, options.config);
  const start: ReceiverStart = { ...options, tls };
  const worker = new Worker(new URL('./receiver-worker.js', import.meta.url), {
    workerData: start,
    name: `receiver-${start.ringIndex}`,
  });
  const died = workerDeath(worker).then((reason) => {
    return problem('ERR_ARCHER_RECEIVER_FAILED', { reason });
  });
  const listening = new Promise<ReceiverClient['ports']>((resolve, reject) => {
    worker.on('message', (reply: ReceiverReply) => {
      if (reply.kind === 'journal') journal.write(reply.level, reply.message, reply.fields);
      else if (reply.kind === 'listening') resolve({ grpc: reply.grpc, http: reply.http });
      else reject(new ArcherError(reply.problem));
    });
    void died.then((problem) => reject(new ArcherError(problem)));
  });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const ports = await listening;
  const send = (command: ReceiverCommand) => worker.postMessage(command);
  const reloadTls = (cause: string) => {
    const material = rereadTls(start, tls, cause, journal);
    if (material === undefined) return;
    tls = material;
    send({ kind: 'tls', material });
  };
  const stop = async (graceMs: number) => {
    send({ kind: 'stop', graceMs });
    await ended;
  };
  const end = async () => {
    await worker.terminate();
  };
  return { ports, died, send, reloadTls, stop, end };
}

/** Returns undefined if the files have not changed or cannot be used. */
function rereadTls(
  { config }: ReceiverStart,
  running: TlsMaterial | undefined,
  cause: string,
  journal: Journal,
): TlsMaterial | undefined {
  try {
    const material = readReceiverTls(nodeStorage, config);
    if (material === undefined || isDeepStrictEqual(material, running)) return undefined;
    journal.write('info', `${cause}: new connections use the new TLS certificate`);
    return material;
  } catch (error) {
    const { message } = error as Error;
    journal.write('error', `${cause}: the TLS certificate stays as it is: ${message}`);
    return undefined;
  }
}
