/** Reports that a worker has died. */
import type { Worker } from 'node:worker_threads';

/** Resolves with the reason if the worker ends by an error. Never resolves if it ends normally. */
export function workerDeath(worker: Worker): Promise<string> {
  return new Promise((resolve) => {
    worker.once('error', (error: Error) => resolve(error.message));
    worker.once('exit', (code) => {
      if (code !== 0) resolve(`it ended with exit code ${code}`);
    });
  });
}
