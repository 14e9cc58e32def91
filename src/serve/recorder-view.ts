/** The port through which the dashboard's server sees and steers the recorder. */
import type { Signal } from '../shared/signal.ts';

/** Counts of items (spans, points, records), all taken at one moment. */
export interface ItemCounts {
  readonly received: number;
  readonly archived: number;
  readonly pending: number;
  readonly recovered: number;
  /** By reason; a reason with no item may be missing. */
  readonly rejected: Readonly<Record<string, number>>;
}

export interface RequestCount {
  readonly signal: Signal;
  readonly transport: string;
  /** An HTTP status or a gRPC code. */
  readonly code: number;
  readonly count: number;
}

/** Segments that retention has deleted since the recorder started. */
export interface RetentionCount {
  readonly signal: Signal;
  /** age, bytes or free_space. */
  readonly reason: string;
  readonly segments: number;
  readonly bytes: number;
}

/** Of a destination, in requests since the recorder started. */
export interface ForwardCounts {
  readonly name: string;
  readonly delivered: number;
  readonly dropped: number;
  readonly retried: number;
  readonly lost: number;
  readonly sampledOut: number;
  /** Spans and log records, those of requests that were sent without them too. */
  readonly sampledOutItems: number;
  readonly partial: number;
  readonly lagRequests: number;
  readonly lagBytes: number;
  readonly lagSeconds: number;
  readonly breaker: 'closed' | 'half_open' | 'open';
  /** Unix time; undefined before the first. */
  readonly lastSuccessMs: number | undefined;
}

export interface HealthCheck {
  readonly name: string;
  readonly status: 'ok' | 'degraded' | 'failing';
  readonly detail: string;
}

export interface RecorderView {
  itemCounts(): Readonly<Partial<Record<Signal, ItemCounts>>>;
  requestCounts(): readonly RequestCount[];
  retentionCounts(): readonly RetentionCount[];
  forwardCounts(): readonly ForwardCounts[];
  healthChecks(): readonly HealthCheck[];
  /**
   * Cuts the batches; resolves with the rows written once all that was acknowledged before the call
   * can be read from the files. Rejects with the reason when a batch cannot be written in time.
   */
  flush(): Promise<Readonly<Partial<Record<Signal, number>>>>;
  /**
   * The same, and seals the active segments; resolves with their paths below the output directory.
   */
  rotate(): Promise<readonly string[]>;
}
