/** The main thread's side of a lane: starts its worker, sends commands and takes the answers. */
import { Worker } from 'node:worker_threads';
import type {
  LaneCommand,
  LaneDone,
  LaneReply,
  LaneRequest,
  LaneStart,
  RecoveryBytes,
  SegmentSealed,
} from '../lane/lane-messages.ts';
import { Doorbell } from '../ring/doorbell.ts';
import type { LaneLayout } from '../ring/layout.ts';
import { ArcherError, problem } from '../shared/errors.ts';
import type { Journal } from '../shared/journal.ts';
import { workerDeath } from './worker-death.ts';
import { laneLimits } from './young-generation.ts';

/** Wakes the lane. The command itself is a message, which is sent before. */
const commandBit = 1;

export interface LaneEvents {
  /** Called several times a second while the lane recovers. */
  readonly onRecovery: (bytes: RecoveryBytes) => void;
  /** The lane has recovered and takes frames. */
  readonly onReady: (layout: LaneLayout) => void;
  readonly onSealed: (segment: SegmentSealed) => void;
  /** Called with the reason when the lane cannot write, and with null when it can again. */
  readonly onStorage: (fault: string | null) => void;
  /** `.archer/lock` has been deleted. */
  readonly onLockMissing: () => void;
}

export interface LaneClient {
  /**
   * Resolves once the lane takes frames, or waits for a disk that cannot be written. Rejects if the
   * lane cannot start.
   */
  readonly opened: Promise<void>;
  /** Resolves with the reason if the lane dies. Never resolves if it ends after `stop`. */
  readonly died: Promise<string>;
  /**
   * Rejects with ERR_ARCHER_LANE_UNAVAILABLE if the lane has died, and with
   * ERR_ARCHER_LANE_TIMEOUT if it does not answer in time.
   */
  command(request: LaneRequest, timeoutMs: number): Promise<LaneDone>;
  /**
   * Ends the thread, which leaves its work to the next start. Resolves once the thread has ended;
   * never if it is blocked in a call of the operating system.
   */
  end(): Promise<void>;
}

export function openLaneClient(start: LaneStart, journal: Journal, events: LaneEvents): LaneClient {
  const worker = new Worker(new URL('./lane-worker.js', import.meta.url), {
    workerData: start,
    name: `lane-${start.lane}`,
    resourceLimits: laneLimits,
  });
  const answers = new Answers();
  const died = workerDeath(worker);
  let open: () => void = () => {};
  let fail: (reason: string) => void = () => {};
  const opened = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = (reason) => {
      reject(new Error(reason));
      answers.fail(reason);
    };
  });
  opened.catch(() => {});
  void died.then(fail);
  let doorbell: Doorbell | undefined;
  worker.on('message', (reply: LaneReply) => {
    if (reply.kind === 'ready') {
      doorbell = new Doorbell(start.memory.buffer, reply.layout);
      events.onReady(reply.layout);
      open();
    } else if (reply.kind === 'storage') {
      events.onStorage(reply.fault);
      if (reply.fault !== null) open();
    } else if (reply.kind === 'recovery') events.onRecovery(reply);
    else if (reply.kind === 'sealed') events.onSealed(reply);
    else if (reply.kind === 'lockMissing') events.onLockMissing();
    else if (reply.kind === 'done') answers.take(reply);
    else journal.write(reply.level, reply.message, reply.fields);
  });
  let commandCount = 0;

  function command(request: LaneRequest, timeoutMs: number): Promise<LaneDone> {
    const id = commandCount++;
    worker.postMessage({ ...request, id } satisfies LaneCommand);
    // A lane that is not ready yet looks for commands every 50 ms.
    doorbell?.raise(commandBit);
    return answers.wait(id, timeoutMs);
  }
  const end = async () => {
    await worker.terminate();
    fail('the lane was ended');
  };
  return { opened, died, command, end };
}

interface Waiting {
  readonly resolve: (done: LaneDone) => void;
  readonly reject: (error: Error) => void;
}

/** The commands that the lane has not answered yet. Answered ones are forgotten. */
class Answers {
  readonly #waiting = new Map<number, Waiting>();
  #deathReason: string | undefined;

  async wait(id: number, timeoutMs: number): Promise<LaneDone> {
    if (this.#deathReason !== undefined) throw laneUnavailable(this.#deathReason);
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<LaneDone>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        const late = new ArcherError(problem('ERR_ARCHER_LANE_TIMEOUT', { timeoutMs }));
        timer = setTimeout(() => reject(late), timeoutMs);
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  take(done: LaneDone): void {
    this.#waiting.get(done.id)?.resolve(done);
  }

  fail(reason: string): void {
    this.#deathReason = reason;
    for (const { reject } of this.#waiting.values()) reject(laneUnavailable(reason));
  }
}

function laneUnavailable(reason: string): ArcherError {
  return new ArcherError(problem('ERR_ARCHER_LANE_UNAVAILABLE', { reason }));
}
