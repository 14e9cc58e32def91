/** What a destination is given, and what can be said of how it fares. */

import type { BackoffLimits } from '../client/backoff.ts';
import type { Signal } from '../shared/signal.ts';
import type { BreakerLimits, BreakerState } from './circuit-breaker.ts';

export interface ForwardRules {
  readonly name: string;
  readonly signals: readonly Signal[];
  /** Share of the traces that are sent. */
  readonly samplingRatio: number;
  readonly concurrency: number;
  /** Requests a second; 0 is no limit. */
  readonly rateLimit: number;
  readonly retry: BackoffLimits;
  readonly breaker: BreakerLimits;
}

/** Since the start: requests, and in `sampledOutItems` spans and log records. */
export interface ForwardCounts {
  delivered: number;
  dropped: number;
  retried: number;
  /** Requests of which sampling has left nothing. */
  sampledOut: number;
  sampledOutItems: number;
  partial: number;
  /** Requests that retention deleted before they could be sent. */
  lost: number;
}

export interface ForwardStatus extends Readonly<ForwardCounts> {
  readonly name: string;
  /** The lowest position that is still to be read. */
  readonly nextPosition: number;
  /** Without a final answer; at most, as those of signals that it does not get are counted too. */
  readonly lagRequests: number;
  /** Of them; those that have not been read are taken to be like those that have. */
  readonly lagBytes: number;
  /** Of the oldest that is under way; without any, since when nothing was read of what there is. */
  readonly lagSeconds: number;
  readonly breaker: BreakerState['kind'];
  readonly lastError: string | undefined;
  readonly lastSuccessMs: number | undefined;
}
