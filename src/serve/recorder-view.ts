/** The port through which the dashboard server reads and controls the recorder. */
import type { Signal } from '../shared/signal.ts';

/** Counts of items (spans, data points, log records), all of one moment. */
export interface ItemCounts {
  readonly received: number;
  readonly archived: number;
  readonly pending: number;
  readonly recovered: number;
  /** Counts by reason; a reason without items may be missing. */
  readonly rejected: Readonly<Record<string, number>>;
}

export interface RequestCount {
  /** `unknown` if the path or the method belongs to no signal. */
  readonly signal: Signal | 'unknown';
  readonly transport: string;
  /** An HTTP status or a gRPC code. */
  readonly code: number;
  readonly count: number;
}

/** Counts of segments that retention has deleted since the recorder started. */
export interface RetentionCount {
  readonly signal: Signal;
  /** `age`, `bytes` or `free_space`. */
  readonly reason: string;
  readonly segments: number;
  readonly bytes: number;
}

/** Counts of one destination since the recorder started; in requests unless stated otherwise. */
export interface ForwardCounts {
  readonly name: string;
  readonly delivered: number;
  readonly dropped: number;
  readonly retried: number;
  readonly lost: number;
  readonly sampledOut: number;
  /** Spans and log records, including those of requests that were sent without them. */
  readonly sampledOutItems: number;
  readonly partial: number;
  readonly lagRequests: number;
  readonly lagBytes: number;
  readonly lagSeconds: number;
  readonly breaker: 'closed' | 'half_open' | 'open';
  /** Unix time in milliseconds; undefined before the first success. */
  readonly lastSuccessMs: number | undefined;
}

export interface HealthCheck {
  readonly name: string;
  /** `starting`: the part recovers what an earlier run left, and works after that. */
  readonly status: 'ok' | 'degraded' | 'starting' | 'failing';
  readonly detail: string;
}

/** The files that a recovery must read: bytes read so far, and all bytes. */
export interface RecoveryBytes {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface RecorderView {
  itemCounts(): Readonly<Partial<Record<Signal, ItemCounts>>>;
  requestCounts(): readonly RequestCount[];
  retentionCounts(): readonly RetentionCount[];
  forwardCounts(): readonly ForwardCounts[];
  healthChecks(): readonly HealthCheck[];
  /** How far the recovery has come while the recorder starts; undefined after that. */
  recovery(): RecoveryBytes | undefined;
  /**
   * Writes all pending batches. Resolves with the rows written, once everything acknowledged before
   * the call can be read from the files. Rejects with an ArcherError if a batch cannot be
   * written in time.
   */
  flush(): Promise<Readonly<Partial<Record<Signal, number>>>>;
  /**
   * Flushes and seals the active segments. Resolves with their paths below the output directory.
   * Rejects as `flush` does.
   */
  rotate(): Promise<readonly string[]>;
}
