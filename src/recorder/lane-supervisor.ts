/**
 * Keeps a lane running: starts its thread again after a death, and waits for a disk that is full.
 *
 *     idle ──> waiting ──> starting ──> blocked ──> recording      lane-state.ts has every move
 *                 ^           └─────────────────────────^ │
 *                 └──────────── dead <────────────────────┘ ──> failed
 */
import type { LaneDone, LaneRequest, LaneStart, RecoveryBytes } from '../lane/lane-messages.ts';
import type { LaneLayout } from '../ring/layout.ts';
import type { Clock } from '../shared/clock.ts';
import { ArcherError, type Problem, problem, problemOf } from '../shared/errors.ts';
import type { Journal } from '../shared/journal.ts';
import { type LaneClient, type LaneEvents, openLaneClient } from '../threads/lane-client.ts';
import { LaneState } from './lane-state.ts';

/**
 * One death may be bad luck, and so may a second one right after it. The third death within a
 * minute is a defect or a bad disk, and the recorder ends.
 */
const deathCountMax = 3;
const deathsWithinMs = 60_000;

/** Time between two attempts to start a lane while the disk is full or fails. */
const startAgainMs = 1_000;

/** Time for a thread to end after it has answered `stop`. */
const endMsMax = 1_000;

const diskFault = 'it waits for the disk';

const nothingDone: LaneDone = { kind: 'done', id: 0, rows: {}, sealed: [] };

export interface LaneSupervisorEvents extends Omit<LaneEvents, 'onReady' | 'onRecovery'> {
  /** The lane takes frames, in the memory of this start. */
  readonly onLane: (start: LaneStart, layout: LaneLayout) => void;
  /** The lane has died: it takes no frame until the next `onLane`. */
  readonly onLost: () => void;
}

/**
 * Returns what to start a lane with, or the reason why the disk does not allow a start yet. Rejects
 * if waiting cannot help.
 */
export type StartLane = () => Promise<LaneStart | { readonly waitsFor: string }>;

export interface LaneSupervisorOptions {
  readonly start: StartLane;
  readonly journal: Journal;
  readonly events: LaneSupervisorEvents;
  readonly clock: Clock;
}

export class LaneSupervisor {
  /** Resolves with the reason when the lane is not started again. */
  readonly failed: Promise<Problem>;
  readonly #options: LaneSupervisorOptions;
  readonly #state = new LaneState();
  /** The thread that runs; undefined while none does. */
  #lane: LaneClient | undefined;
  /** Why the lane does not record; undefined while it does. */
  #fault: string | undefined = 'it recovers what an earlier run left';
  #recovery: RecoveryBytes = { doneBytes: 0, totalBytes: 0 };
  #nextStart: NodeJS.Timeout | undefined;
  #fail: (problem: Problem) => void = () => {};
  readonly #deathsMs: number[] = [];

  constructor(options: LaneSupervisorOptions) {
    this.#options = options;
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
  }

  /** Returns why the lane does not record; undefined while it does. */
  fault(): string | undefined {
    return this.#fault;
  }

  /**
   * Returns how far the recovery has come, while the lane starts for the first time; undefined at
   * any other time.
   */
  recovery(): RecoveryBytes | undefined {
    const { name } = this.#state;
    const isStarting = (name === 'idle' || name === 'starting') && this.#deathsMs.length === 0;
    return isStarting ? this.#recovery : undefined;
  }

  /**
   * Rejects with ERR_ARCHER_LANE_UNAVAILABLE if no lane takes commands, and with
   * ERR_ARCHER_LANE_TIMEOUT if the lane does not answer in time.
   */
  async command(request: LaneRequest, timeoutMs: number): Promise<LaneDone> {
    if (this.#lane !== undefined && this.#state.takesCommands) {
      return this.#lane.command(request, timeoutMs);
    }
    throw this.#unavailable();
  }

  /**
   * Ends the lane for good, and resolves once its thread has ended. Rejects with
   * ERR_ARCHER_LANE_UNAVAILABLE if the lane has died, and with ERR_ARCHER_LANE_TIMEOUT if it did
   * not end in time. Then its thread may still be blocked in a call of the operating system.
   */
  async stop(timeoutMs: number): Promise<LaneDone> {
    if (this.#state.name === 'stopped') return nothingDone;
    const lane = this.#lane;
    const takesCommands = this.#state.takesCommands;
    this.#state.moveTo('stopped');
    clearTimeout(this.#nextStart);
    if (lane === undefined && this.#deathsMs.length > 0) throw this.#unavailable();
    if (lane === undefined) return nothingDone;
    // A recovery may be ended at any moment: the next start does it again.
    const done = takesCommands ? await lane.command({ kind: 'stop' }, timeoutMs) : nothingDone;
    await this.#endWithin(lane, endMsMax);
    return done;
  }

  /**
   * Ends the lane at once and without writing the rows that it holds, because another recorder owns
   * the files now. Resolves once the thread has ended.
   */
  async abandon(): Promise<void> {
    if (this.#state.name === 'stopped') return;
    this.#state.moveTo('stopped');
    clearTimeout(this.#nextStart);
    this.#options.events.onLost();
    await this.#lane?.end();
  }

  /** Ends the thread at once; resolves as `LaneClient.end` does. */
  async endThread(): Promise<void> {
    await this.#lane?.end();
  }

  /**
   * Called once. Resolves once the lane has recovered and takes frames, or waits for the disk.
   * Rejects if it cannot start at all.
   */
  async open(): Promise<void> {
    const { start, journal, events } = this.#options;
    const options = await start();
    if (this.#state.name === 'stopped') return;
    if ('waitsFor' in options) {
      this.#wait(options.waitsFor);
      return;
    }
    this.#state.moveTo('starting');
    const onReady = (layout: LaneLayout) => {
      if (this.#state.name === 'stopped') return;
      this.#state.moveTo('recording');
      this.#fault = undefined;
      events.onLane(options, layout);
    };
    const onRecovery = (bytes: RecoveryBytes) => {
      this.#recovery = bytes;
    };
    const lane = openLaneClient(options, journal, { ...events, onReady, onRecovery });
    this.#lane = lane;
    await lane.opened;
    if (this.#state.name === 'starting') {
      this.#state.moveTo('blocked');
      this.#fault = diskFault;
    }
    void lane.died.then((reason) => this.#restart(reason));
  }

  #wait(reason: string): void {
    this.#state.moveTo('waiting');
    this.#fault = diskFault;
    this.#options.events.onStorage(reason);
    const again = () => this.open().catch((error) => this.#giveUp(laneFailed(error)));
    this.#nextStart = setTimeout(again, startAgainMs);
  }

  #restart(reason: string): void {
    if (this.#state.name === 'stopped') return;
    this.#state.moveTo('dead');
    this.#lane = undefined;
    const fault = `the lane died: ${reason}`;
    this.#fault = fault;
    this.#options.events.onLost();
    const nowMs = this.#options.clock.monotonicMs();
    this.#deathsMs.push(nowMs);
    const recentCount = this.#deathsMs.filter((ms) => nowMs - ms < deathsWithinMs).length;
    if (recentCount >= deathCountMax) {
      const what = `${fault}; ${recentCount} times within a minute`;
      this.#giveUp(problem('ERR_ARCHER_LANE_FAILED', { reason: what }));
      return;
    }
    this.#options.journal.write('error', `${fault}; it is started again`);
    this.open().catch((error: Error) => this.#restart(error.message));
  }

  async #endWithin(lane: LaneClient, timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const error = new ArcherError(problem('ERR_ARCHER_LANE_TIMEOUT', { timeoutMs }));
      timer = setTimeout(() => reject(error), timeoutMs);
    });
    await Promise.race([lane.end(), late]).finally(() => clearTimeout(timer));
  }

  #giveUp(reason: Problem): void {
    if (this.#state.name !== 'stopped') this.#state.moveTo('failed');
    this.#fail(reason);
  }

  #unavailable(): ArcherError {
    const reason = this.#fault ?? 'there is no lane';
    return new ArcherError(problem('ERR_ARCHER_LANE_UNAVAILABLE', { reason }));
  }
}

/** Why a lane cannot start: an error of its surroundings has a code, a dead thread has none. */
function laneFailed(error: unknown): Problem {
  if (error instanceof ArcherError) return problemOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  return problem('ERR_ARCHER_LANE_FAILED', { reason });
}
