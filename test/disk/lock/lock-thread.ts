/** A thread that makes one attempt to take a lock, one storage call at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { takeDirectoryLock } from '../../../src/disk/lock/directory-lock.ts';
import type { ProcessState } from '../../../src/disk/lock/process-identity.ts';
import { nodeStorage, type Storage } from '../../../src/disk/storage.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { fakeIdentity } from './fake-processes.ts';

/**
 * The state of a thread. The controlling thread lets it make its next call by setting `running`.
 */
export const turnState = { running: 0, waiting: 1, done: 2 } as const;

export interface LockThreadStart {
  /** Index of the thread in the two arrays. Its pid is index + 1. */
  readonly index: number;
  /** An i32 of turnState for each thread. */
  readonly turns: SharedArrayBuffer;
  /** An i32 for each thread: 1 while its process runs. */
  readonly running: SharedArrayBuffer;
}

export interface LockThreadTask {
  readonly outputDir: string;
  /** Number of storage calls before the process is killed; Infinity if it is not killed. */
  readonly callsMax: number;
}

if (parentPort !== null) serve(workerData, parentPort);

function serve(start: LockThreadStart, port: NonNullable<typeof parentPort>): void {
  const { index } = start;
  const turns = new Int32Array(start.turns);
  const running = new Int32Array(start.running);
  const processes = {
    own: fakeIdentity(index + 1),
    stateOf: ({ pid }: { readonly pid: number }): ProcessState =>
      Atomics.load(running, pid - 1) === 1 ? 'alive' : 'dead',
  };
  port.on('message', async ({ outputDir, callsMax }: LockThreadTask) => {
    let calls = 0;
    const storage = stepped(() => {
      Atomics.store(turns, index, turnState.waiting);
      Atomics.notify(turns, index);
      Atomics.wait(turns, index, turnState.waiting);
      // A killed process makes no further calls, not even to clean up.
      if (calls++ >= callsMax) {
        Atomics.store(running, index, 0);
        throw new Error('killed');
      }
    });
    const result = await takeDirectoryLock({
      storage,
      outputDir,
      processes,
      clock: systemClock,
      sleep: async () => {},
      // The timer of a taken lock must not make calls outside the schedule.
      touch: async () => true,
    }).then(
      ({ kind }) => kind,
      (error) => (calls > callsMax ? 'killed' : String(error)),
    );
    port.postMessage(result);
    Atomics.store(turns, index, turnState.done);
    Atomics.notify(turns, index);
  });
}

/** The disk, with an action before each call. */
function stepped(before: () => void): Storage {
  return new Proxy(nodeStorage, {
    get: (storage, name: keyof Storage) => {
      const call = storage[name] as (...args: readonly unknown[]) => unknown;
      return (...args: readonly unknown[]) => {
        before();
        return call(...args);
      };
    },
  });
}
