/** How the main thread learns that a worker has died. */
import type { Worker } from 'node:worker_threads';

/** Resolves with the reason when a worker ends by an error; never when it ends well. */
export function workerDeath(worker: Worker): Promise<string> {
  return new Promise((resolve) => {
    worker.once('error', (error: Error) => resolve(error.message));
    worker.once('exit', (code) => {
      if (code !== 0) resolve(`it ended with exit code ${code}`);
    });
  });
}
