/**
 * The point where a recorder is killed: the call of node:fs, the file, and how far the call gets.
 */

export interface KillPoint {
  readonly call: 'write' | 'sync' | 'truncate' | 'rename' | 'remove';
  /** A regular expression that matches the file's path. */
  readonly path: string;
  /** Number of the matching call, counted from 1. */
  readonly nth: number;
  /** The greatest useful `nth`, if fewer calls match than usual. */
  readonly nthMax?: number;
  /**
   * middle: kills after half of a write's bytes. throw: does not kill; the call throws an error
   * that no disk causes. full: does not kill; every such call fails because the disk is full, as
   * long as `marker` exists. hang: does not kill; the call blocks until `fifo` is read.
   */
  readonly when: 'before' | 'middle' | 'after' | 'throw' | 'full' | 'hang';
  /** Path of a file. Calls count only after the file exists. */
  readonly armedBy?: string;
  /**
   * Path of a file. With `throw`, it is created by the first throw; while it exists, no thread
   * throws again.
   */
  readonly marker?: string;
  /** With `hang`: path of a FIFO. Opening it for writing blocks until it is opened for reading. */
  readonly fifo?: string;
  /** Matches only writes of exactly this many bytes. */
  readonly bytes?: number;
  /** Matches only writes that begin with this text. */
  readonly startsWith?: string;
}

const log = String.raw`wal/lane-0/\d+\.log$`;
/** Also matches a staged segment, which will become an Arrow IPC file. */
const segment = String.raw`\.arrows?$`;
const made = String.raw`sealing/.*\.tmp$`;
const endMarkBytes = 8;

/** The header of a log file is written when the file is reused, together with its first group. */
const reuse = { startsWith: 'AWL1', nthMax: 2 } as const;

/** The keys say what happens at the point. `nth` is chosen anew each time. */
export const killPoints: Readonly<Record<string, Omit<KillPoint, 'nth'>>> = {
  'after claim, before the log': { call: 'write', path: log, when: 'before' },
  'in the middle of a log write': { call: 'write', path: log, when: 'middle' },
  'after the log write': { call: 'write', path: log, when: 'after' },
  'before a log file is used again': { call: 'write', path: log, when: 'before', ...reuse },
  'while a log file is used again': { call: 'write', path: log, when: 'middle', ...reuse },
  'when a log file was used again': { call: 'write', path: log, when: 'after', ...reuse },
  'between log and segment': { call: 'write', path: segment, when: 'before' },
  'in the middle of a segment write': { call: 'write', path: segment, when: 'middle' },
  'after a segment write': { call: 'write', path: segment, when: 'after' },
  'before the end mark': { call: 'write', path: segment, when: 'before', bytes: endMarkBytes },
  'in the end mark': { call: 'write', path: segment, when: 'middle', bytes: endMarkBytes },
  'behind the end mark': { call: 'write', path: segment, when: 'after', bytes: endMarkBytes },
  'before a segment is synced': { call: 'sync', path: segment, when: 'before' },
  'before the checkpoint is synced': { call: 'sync', path: 'checkpoint', when: 'before' },
  'before the checkpoint is renamed': { call: 'rename', path: 'checkpoint', when: 'before' },
  'after the checkpoint is renamed': { call: 'rename', path: 'checkpoint', when: 'after' },
  'while a file is made of a segment': { call: 'write', path: made, when: 'middle', nthMax: 9 },
  'before a file is in its place': { call: 'rename', path: segment, when: 'before', nthMax: 3 },
  'when a file is in its place': { call: 'rename', path: segment, when: 'after', nthMax: 3 },
  'after a file has taken the place': { call: 'remove', path: segment, when: 'after', nthMax: 3 },
};

/** Points that a recorder may reach while it recovers. */
export const recoveryKillPoints: Readonly<Record<string, Omit<KillPoint, 'nth'>>> = {
  'recovery: a cut': { call: 'truncate', path: segment, when: 'before' },
  'recovery: behind a cut': { call: 'truncate', path: segment, when: 'after' },
  'recovery: an end mark': { call: 'write', path: segment, when: 'middle', bytes: endMarkBytes },
  'recovery: a removal': { call: 'remove', path: segment, when: 'after' },
  'recovery: a replayed batch': { call: 'write', path: segment, when: 'middle' },
  'recovery: behind a replayed batch': { call: 'write', path: segment, when: 'after' },
  'recovery: a checkpoint': { call: 'rename', path: 'checkpoint', when: 'before' },
  'recovery: behind a checkpoint': { call: 'rename', path: 'checkpoint', when: 'after' },
};
