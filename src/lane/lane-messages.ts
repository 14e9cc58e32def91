/** The messages between the main thread and the thread of a lane. */

import type { Config } from '../config/config.ts';
import type { LaneLayout } from '../ring/layout.ts';
import type { JournalEntry } from '../shared/journal.ts';
import type { Signal } from '../shared/signal.ts';

/** Number of items of each signal; a signal without items may be missing. */
export type RowCounts = Partial<Record<Signal, number>>;

/** Passed to a lane when it starts. */
export interface LaneStart {
  readonly config: Config;
  readonly lane: number;
  readonly recorderId: string;
  readonly decoderModule: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** The framed schema message of each signal that is recorded. */
  readonly schemaMessages: Readonly<Partial<Record<Signal, Uint8Array>>>;
  readonly tallies: SharedArrayBuffer;
  /** The lane writes its positions here; see ring/lane-progress.ts. */
  readonly progress: SharedArrayBuffer;
  /** The lane beats at the place of its own number; see ring/heartbeat.ts. */
  readonly heartbeats: SharedArrayBuffer;
}

/**
 * The lane answers each request with one `LaneDone`. `reconfigure` takes up the settings that a
 * reload may change; the lane ignores the others.
 */
export type LaneRequest =
  | { readonly kind: 'flush' | 'stop' }
  | { readonly kind: 'rotate'; readonly reason: 'asked' | 'schedule' }
  | { readonly kind: 'reconfigure'; readonly config: Config };

export type LaneCommand = LaneRequest & { readonly id: number };

/** The answer to a command. */
export interface LaneDone {
  readonly kind: 'done';
  readonly id: number;
  /** Rows written by this command. */
  readonly rows: RowCounts;
  /** Segments sealed by this command, below the output directory. */
  readonly sealed: readonly string[];
  /** Why some rows could not be written; absent if all rows were written. */
  readonly fault?: string;
}

/**
 * Sent for each segment that is sealed, whatever the reason. With the reason `moved`, the segment
 * is no longer at its path.
 */
export interface SegmentSealed {
  readonly kind: 'sealed';
  readonly signal: Signal;
  /** Below the output directory. */
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  readonly reason: string;
}

/** Tells whether the lane can write. Sent at each change. */
export interface LaneStorageState {
  readonly kind: 'storage';
  /** Why requests are refused for now; null when they are accepted again. */
  readonly fault: string | null;
}

/** How far a recovery has come with the files that it must read. */
export interface RecoveryBytes {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export type LaneReply =
  | ({ readonly kind: 'recovery' } & RecoveryBytes)
  | { readonly kind: 'ready'; readonly layout: LaneLayout }
  | LaneDone
  | SegmentSealed
  | LaneStorageState
  /** `.archer/lock` has been deleted. The main thread holds the lock and writes it again. */
  | { readonly kind: 'lockMissing' }
  | ({ readonly kind: 'journal' } & JournalEntry);
