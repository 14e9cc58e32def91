/** What a lane is started with, what it can be asked, and what it reports. */

import type { Config } from '../config/config.ts';
import type { LaneLayout } from '../ring/layout.ts';
import type { JournalEntry } from '../shared/journal.ts';
import type { Signal } from '../shared/signal.ts';

/** How many items of each signal; a signal without any may be missing. */
export type RowCounts = Partial<Record<Signal, number>>;

/** Given to a lane at its start. */
export interface LaneStart {
  readonly config: Config;
  readonly lane: number;
  readonly recorderId: string;
  readonly decoderModule: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** The framed schema message of each signal that is recorded. */
  readonly schemaMessages: Readonly<Partial<Record<Signal, Uint8Array>>>;
  readonly tallies: SharedArrayBuffer;
  /** Where the lane says how far it has come. */
  readonly progress: SharedArrayBuffer;
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

/** What a command led to. */
export interface LaneDone {
  readonly kind: 'done';
  readonly id: number;
  /** Rows written by this command. */
  readonly rows: RowCounts;
  /** Segments sealed by this command, below the output directory. */
  readonly sealed: readonly string[];
  /** Why not all could be written; absent when all was. */
  readonly fault?: string;
}

/** Said of each segment, whatever sealed it; with reason `moved` it is no longer at its path. */
export interface SegmentSealed {
  readonly kind: 'sealed';
  readonly signal: Signal;
  /** Below the output directory. */
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  readonly reason: string;
}

/** Whether a lane can write. */
export interface LaneStorageState {
  readonly kind: 'storage';
  /** Why requests are refused until further notice; null once they are taken again. */
  readonly fault: string | null;
}

export type LaneReply =
  | { readonly kind: 'ready'; readonly layout: LaneLayout }
  | LaneDone
  | SegmentSealed
  | LaneStorageState
  /** Somebody has taken the lock away: whoever holds the directory is to write it again. */
  | { readonly kind: 'lockMissing' }
  | ({ readonly kind: 'journal' } & JournalEntry);
