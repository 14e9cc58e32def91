/** A thread that makes one attempt at a lock, one call of the storage at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { takeDirectoryLock } from '../../../src/disk/lock/directory-lock.ts';
import type { ProcessState } from '../../../src/disk/lock/process-identity.ts';
import { nodeStorage, type Storage } from '../../../src/disk/storage.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { fakeIdentity } from './fake-processes.ts';

/** What a thread is at; the one in charge lets it make its next call by setting `running`. */
export const turnState = { running: 0, waiting: 1, done: 2 } as const;

export interface LockThreadStart {
  /** Its place in the two arrays; its pid is one more. */
  readonly index: number;
  /** An i32 of turnState for each thread. */
  readonly turns: SharedArrayBuffer;
  /** An i32 for each thread: 1 while its process runs. */
  readonly running: SharedArrayBuffer;
}

export interface LockThreadTask {
  readonly outputDir: string;
  /** The process is killed before this call; none is as large as infinity. */
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
      // What is killed makes no further call, not even one that would tidy up.
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
      // The timer of a taken lock must not make calls outside of the schedule.
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

/** The disk, with something to be done before each call. */
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
