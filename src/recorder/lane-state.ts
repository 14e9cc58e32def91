/** The states of a lane as the main thread sees them, and the moves between them. */
import { invariant } from '../shared/invariant.ts';

/**
 * - `idle`: nothing was tried yet.
 * - `waiting`: no thread runs; the disk is full or fails, and the start is tried again.
 * - `starting`: the thread recovers what an earlier run left.
 * - `blocked`: the thread runs, and its recovery waits for the disk.
 * - `recording`: the lane takes frames.
 * - `dead`: the thread has ended by an error, or could not start; the next start follows at once.
 * - `failed`: the lane is not started again; the recorder must end.
 * - `stopped`: the recorder ends the lane for good.
 */
export type LaneStateName = keyof typeof laneMoves;

/** For each state, the states that may follow it. */
export const laneMoves = {
  idle: ['waiting', 'starting', 'stopped'],
  waiting: ['waiting', 'starting', 'failed', 'stopped'],
  starting: ['blocked', 'recording', 'dead', 'failed', 'stopped'],
  blocked: ['recording', 'dead', 'stopped'],
  recording: ['dead', 'stopped'],
  dead: ['dead', 'waiting', 'starting', 'failed', 'stopped'],
  failed: ['stopped'],
  stopped: [],
} as const satisfies Record<string, readonly string[]>;

export class LaneState {
  #name: LaneStateName = 'idle';

  get name(): LaneStateName {
    return this.#name;
  }

  /** True if the lane's thread answers commands. */
  get takesCommands(): boolean {
    return this.#name === 'blocked' || this.#name === 'recording';
  }

  /** Throws if the table does not have this move. */
  moveTo(next: LaneStateName): void {
    const allowed: readonly LaneStateName[] = laneMoves[this.#name];
    invariant(allowed.includes(next), 'a lane moves between its states by the table');
    this.#name = next;
  }
}
