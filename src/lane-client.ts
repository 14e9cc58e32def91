/** The main thread's side of a lane: starts its worker, sends commands, hears the answers. */
import { Worker } from 'node:worker_threads';
import type { LaneLayout } from './buffer/layout.ts';
import { Doorbell } from './buffer/wait.ts';
import type { Journal } from './shared/journal.ts';
import { workerDeath } from './worker-death.ts';
import type {
  LaneCommand,
  LaneDone,
  LaneReply,
  LaneRequest,
  LaneStart,
  SegmentOpened,
  SegmentSealed,
} from './worker-messages.ts';

/** Wakes the lane and says no more than that a command was sent. */
const commandBit = 1;

export interface LaneEvents {
  /** The lane has recovered and takes frames. */
  readonly onReady: (layout: LaneLayout) => void;
  readonly onOpened: (segment: SegmentOpened) => void;
  readonly onSealed: (segment: SegmentSealed) => void;
  /** Why the lane cannot write; null once it can again. */
  readonly onStorage: (fault: string | null) => void;
  /** Somebody has taken away the lock of the output directory. */
  readonly onLockMissing: () => void;
}

export interface LaneClient {
  /** Resolves with the reason when the lane has died; never while it works or after `stop`. */
  readonly died: Promise<string>;
  /** Rejects with the reason when the lane has died or does not answer in time. */
  command(request: LaneRequest, timeoutMs: number): Promise<LaneDone>;
}

/**
 * Resolves once the lane is ready to take frames, or waits for a disk that cannot be written;
 * rejects when it cannot start.
 */
export async function openLaneClient(
  start: LaneStart,
  journal: Journal,
  events: LaneEvents,
): Promise<LaneClient> {
  const worker = new Worker(new URL('./lane-worker.js', import.meta.url), {
    workerData: start,
    name: `lane-${start.lane}`,
  });
  const answers = new Map<number, (done: LaneDone) => void>();
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let doorbell: Doorbell | undefined;
  worker.on('message', (reply: LaneReply) => {
    if (reply.kind === 'ready') {
      doorbell = new Doorbell(start.memory.buffer, reply.layout);
      events.onReady(reply.layout);
      open();
    } else if (reply.kind === 'storage') {
      events.onStorage(reply.fault);
      if (reply.fault !== null) open();
    } else if (reply.kind === 'opened') events.onOpened(reply);
    else if (reply.kind === 'sealed') events.onSealed(reply);
    else if (reply.kind === 'lockMissing') events.onLockMissing();
    else if (reply.kind === 'done') answers.get(reply.id)?.(reply);
    else journal.write(reply.level, reply.message, reply.fields);
  });
  const died = workerDeath(worker);
  await Promise.race([opened, rejectWith(died)]);
  let commandCount = 0;

  async function command(request: LaneRequest, timeoutMs: number): Promise<LaneDone> {
    const id = commandCount++;
    const answered = new Promise<LaneDone>((resolve) => answers.set(id, resolve));
    worker.postMessage({ ...request, id } satisfies LaneCommand);
    // A lane that is not ready yet sleeps for moments only.
    doorbell?.raise(commandBit);
    const late = timeout(timeoutMs, `the lane did not answer within ${timeoutMs} ms`);
    try {
      return await Promise.race([answered, rejectWith(died), late.rejected]);
    } finally {
      late.cancel();
      answers.delete(id);
    }
  }
  return { died, command };
}

/** Rejects with the reason once there is one. */
async function rejectWith(reason: Promise<string>): Promise<never> {
  throw new Error(await reason);
}

function timeout(ms: number, message: string) {
  let timer: NodeJS.Timeout | undefined;
  const rejected = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(message)), ms);
  });
  return { rejected, cancel: () => clearTimeout(timer) };
}
