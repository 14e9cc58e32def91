/** The messages between the main thread and the thread of a receiver. */
import type { TlsMaterial } from '../accept/tls-material.ts';
import type { Config } from '../config/config.ts';
import type { LaneLayout } from '../ring/layout.ts';
import type { Problem } from '../shared/errors.ts';
import type { JournalEntry } from '../shared/journal.ts';
import type { Signal } from '../shared/signal.ts';

/** Passed to a receiver when it starts. */
export interface ReceiverStart {
  readonly config: Config;
  readonly signals: readonly Signal[];
  /** Index of this receiver's ring among the rings of the lane. */
  readonly ringIndex: number;
  readonly requestCounts: SharedArrayBuffer;
  readonly heartbeats: SharedArrayBuffer;
  /** Index of this thread in the heartbeats. */
  readonly threadIndex: number;
  /** Undefined if the listeners speak plain text. */
  readonly tls: TlsMaterial | undefined;
}

export type ReceiverCommand =
  /** From now on bodies go to this lane. */
  | { readonly kind: 'lane'; readonly memory: WebAssembly.Memory; readonly layout: LaneLayout }
  /** New connections use this material; it has no faults (`tlsFault`). */
  | { readonly kind: 'tls'; readonly material: TlsMaterial }
  /** The lane has died: requests in flight are answered with the retryable refusal. */
  | { readonly kind: 'lost' }
  /** Stops accepting; open requests have `graceMs` milliseconds to end. */
  | { readonly kind: 'stop'; readonly graceMs: number };

export type ReceiverReply =
  /** Ports of the listeners; null for a listener that is off. */
  | { readonly kind: 'listening'; readonly grpc: number | null; readonly http: number | null }
  /** A listener could not be opened. */
  | { readonly kind: 'refused'; readonly problem: Problem }
  | ({ readonly kind: 'journal' } & JournalEntry);
