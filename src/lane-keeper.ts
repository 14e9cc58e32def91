/** Keeps a lane running: one that dies is started again with recovery, but not for ever. */
import { type LaneClient, type LaneEvents, openLaneClient } from './lane-client.ts';
import type { Clock } from './shared/clock.ts';
import type { Journal } from './shared/journal.ts';
import type { LaneCommand, LaneDone, LaneStart } from './worker-messages.ts';

/**
 * One death may be bad luck, a second one right after it too; the third is a defect or a bad disk.
 */
const deathCountMax = 3;
const deathsWithinMs = 60_000;

export interface LaneKeeperEvents extends LaneEvents {
  /** A lane takes frames, in this memory. */
  readonly onLane: (memory: WebAssembly.Memory, lane: LaneClient) => void;
  /** The lane has died: no frame is taken until the next `onLane`. */
  readonly onLost: () => void;
}

export interface LaneKeeper {
  /** Undefined while the lane works; else why it does not. */
  fault(): string | undefined;
  /** Resolves with the reason when the lane is not started again. */
  readonly failed: Promise<string>;
  /** Rejects with the reason when there is no lane or it does not answer in time. */
  command(kind: LaneCommand['kind'], timeoutMs: number): Promise<LaneDone>;
}

/** Resolves once the lane has recovered and takes frames; rejects when it cannot start at all. */
export async function openLaneKeeper(
  start: () => LaneStart,
  journal: Journal,
  events: LaneKeeperEvents,
  clock: Clock,
): Promise<LaneKeeper> {
  let lane: LaneClient | undefined;
  let fault: string | undefined;
  let fail: (reason: string) => void = () => {};
  const failed = new Promise<string>((resolve) => {
    fail = resolve;
  });
  const deathsMs: number[] = [];

  async function openLane(): Promise<void> {
    const options = start();
    const opened = await openLaneClient(options, journal, events);
    lane = opened;
    fault = undefined;
    events.onLane(options.memory, opened);
    void opened.died.then(bury);
  }

  function bury(reason: string): void {
    lane = undefined;
    fault = `the lane died: ${reason}`;
    events.onLost();
    const nowMs = clock.monotonicMs();
    deathsMs.push(nowMs);
    const recentCount = deathsMs.filter((ms) => nowMs - ms < deathsWithinMs).length;
    if (recentCount >= deathCountMax) {
      fail(`${fault}; ${recentCount} times within a minute`);
      return;
    }
    journal.write('error', `${fault}; it is started again`);
    openLane().catch((error: Error) => bury(error.message));
  }

  await openLane();
  return {
    fault: () => fault,
    failed,
    command: (kind, timeoutMs) => {
      if (lane === undefined) return Promise.reject(new Error(fault ?? 'there is no lane'));
      return lane.command(kind, timeoutMs);
    },
  };
}
