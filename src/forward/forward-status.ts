/** The counters and the lag of one destination. */
import type { BreakerName } from './circuit-breaker.ts';

/** Counts since the start of the recorder: requests, and in `sampledOutItems` spans and logs. */
export interface ForwardCounts {
  delivered: number;
  dropped: number;
  retried: number;
  /** Requests of which sampling left nothing. */
  sampledOut: number;
  sampledOutItems: number;
  partial: number;
  /** Requests that retention deleted before they could be sent. */
  lost: number;
}

export interface ForwardStatus extends Readonly<ForwardCounts> {
  readonly name: string;
  /** The lowest position that still has to be read. */
  readonly nextPosition: number;
  /**
   * Requests without a final answer. This is an upper bound, because unread requests of signals
   * that the destination does not get are counted too.
   */
  readonly lagRequests: number;
  /** Bytes of these requests. Unread requests are estimated from the average of the read ones. */
  readonly lagBytes: number;
  /** Age of the oldest request in flight. If none is in flight: time since the last progress. */
  readonly lagSeconds: number;
  readonly breaker: BreakerName;
  readonly lastError: string | undefined;
  /** Unix time in milliseconds. */
  readonly lastSuccessMs: number | undefined;
}
