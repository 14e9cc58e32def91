/** What a receiver is started with, what it is asked, and what it reports. */
import type { Config } from '../config/config.ts';
import type { LaneLayout } from '../ring/layout.ts';
import type { JournalEntry } from '../shared/journal.ts';
import type { Signal } from '../shared/signal.ts';

/** Given to a receiver at its start. */
export interface ReceiverStart {
  readonly config: Config;
  readonly signals: readonly Signal[];
  /** Which of the lane's rings is this receiver's. */
  readonly ringIndex: number;
  readonly requestCounts: SharedArrayBuffer;
}

/**
 * lane: from now on frames go there. lost: what is in flight is answered with the retryable
 * refusal.
 */
export type ReceiverCommand =
  | { readonly kind: 'lane'; readonly memory: WebAssembly.Memory; readonly layout: LaneLayout }
  | { readonly kind: 'lost' }
  /** Open requests may take so long to end. */
  | { readonly kind: 'stop'; readonly graceMs: number };

export type ReceiverReply =
  | { readonly kind: 'listening'; readonly grpc: number | null; readonly http: number | null }
  | { readonly kind: 'refused'; readonly message: string }
  | ({ readonly kind: 'journal' } & JournalEntry);
