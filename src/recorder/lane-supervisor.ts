/**
 * Keeps a lane running: one that dies is started again with recovery, but not for ever; for a disk
 * that cannot be written it waits as long as it takes.
 */

import type { LaneDone, LaneRequest, LaneStart } from '../lane/lane-messages.ts';
import type { LaneLayout } from '../ring/layout.ts';
import type { Clock } from '../shared/clock.ts';
import type { Journal } from '../shared/journal.ts';
import { type LaneClient, type LaneEvents, openLaneClient } from '../threads/lane-client.ts';

/**
 * One death may be bad luck, a second one right after it too; the third is a defect or a bad disk.
 */
const deathCountMax = 3;
const deathsWithinMs = 60_000;

/** Between two attempts at what a lane needs before it can start. */
const startAgainMs = 1_000;

const nothingDone: LaneDone = { kind: 'done', id: 0, rows: {}, sealed: [] };

export interface LaneSupervisorEvents extends Omit<LaneEvents, 'onReady'> {
  /** A lane is ready to take frames, in the memory that it was started with. */
  readonly onLane: (start: LaneStart, layout: LaneLayout) => void;
  /** The lane has died: no frame is taken until the next `onLane`. */
  readonly onLost: () => void;
}

export interface LaneSupervisor {
  /** Undefined while the lane works; else why it does not. */
  fault(): string | undefined;
  /** Resolves with the reason when the lane is not started again. */
  readonly failed: Promise<string>;
  /** Rejects with the reason when no lane takes commands or it does not answer in time. */
  command(request: LaneRequest, timeoutMs: number): Promise<LaneDone>;
  /**
   * Ends the lane for good, and returns once its thread has ended. Rejects with the reason when it
   * has died or did not end by itself in time.
   */
  stop(timeoutMs: number): Promise<LaneDone>;
}

/**
 * What a lane is started with; or why it cannot be yet, as the disk is full or fails. Rejects with
 * what does not pass.
 */
export type StartLane = () => Promise<LaneStart | { readonly waitsFor: string }>;

/**
 * Resolves once the lane has recovered and takes frames, or waits for the disk; rejects when it
 * cannot start at all.
 */
export async function openLaneSupervisor(
  start: StartLane,
  journal: Journal,
  events: LaneSupervisorEvents,
  clock: Clock,
): Promise<LaneSupervisor> {
  let lane: LaneClient | undefined;
  /** Whether the lane takes commands: it has recovered, or waits for the disk. */
  let isOpen = false;
  let fault: string | undefined = 'it waits for the disk';
  let isStopped = false;
  let nextStart: NodeJS.Timeout | undefined;
  let fail: (reason: string) => void = () => {};
  const failed = new Promise<string>((resolve) => {
    fail = resolve;
  });
  const deathsMs: number[] = [];

  async function openLane(): Promise<void> {
    const options = await start();
    if (isStopped) return;
    if ('waitsFor' in options) {
      events.onStorage(options.waitsFor);
      const again = () => openLane().catch((error: Error) => fail(error.message));
      nextStart = setTimeout(again, startAgainMs);
      return;
    }
    const onReady = (layout: LaneLayout) => {
      fault = undefined;
      isOpen = true;
      events.onLane(options, layout);
    };
    const opening = openLaneClient(options, journal, { ...events, onReady });
    lane = opening;
    await opening.opened;
    isOpen = true;
    void opening.died.then(bury);
  }

  function bury(reason: string): void {
    if (isStopped) return;
    lane = undefined;
    isOpen = false;
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
    command: async (request, timeoutMs) => {
      if (lane !== undefined && isOpen) return lane.command(request, timeoutMs);
      throw new Error(fault ?? 'there is no lane');
    },
    stop: async (timeoutMs) => {
      isStopped = true;
      clearTimeout(nextStart);
      if (lane === undefined && deathsMs.length > 0) throw new Error(fault);
      try {
        // One that recovers may be ended at any moment.
        if (lane === undefined || !isOpen) return nothingDone;
        return await lane.command({ kind: 'stop' }, timeoutMs);
      } finally {
        await lane?.end();
      }
    },
  };
}
