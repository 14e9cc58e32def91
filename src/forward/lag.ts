/** The lag of a destination: in requests, in bytes and in time. */
import type { Clock } from '../shared/clock.ts';
import type { Signal } from '../shared/signal.ts';
import type { Cursor } from './cursor.ts';
import type { ForwardStatus } from './forward-status.ts';
import type { InFlight } from './in-flight.ts';

export interface LagOptions {
  readonly cursor: Pick<Cursor, 'pendingCount'>;
  readonly signals: readonly Signal[];
  readonly clock: Clock;
  readonly inFlight: Pick<InFlight, 'count' | 'bytes' | 'oldestReceivedTimeNs'>;
}

export class Lag {
  readonly #options: LagOptions;
  readonly #read = { count: 0, bytes: 0 };
  #progressMs: number;

  constructor(options: LagOptions) {
    this.#options = options;
    this.#progressMs = options.clock.monotonicMs();
  }

  /** Call this when a request of this size was read. */
  onRead(bytes: number): void {
    this.#read.count += 1;
    this.#read.bytes += bytes;
    this.onProgress();
  }

  /** Call this when a request was finished, or when no request is left. */
  onProgress(): void {
    this.#progressMs = this.#options.clock.monotonicMs();
  }

  /** Returns the lag now; the next request of the lane will get the position `next`. */
  at(next: number): Pick<ForwardStatus, 'lagRequests' | 'lagBytes' | 'lagSeconds'> {
    const { cursor, signals, inFlight } = this.#options;
    const { count, bytes } = this.#read;
    const lagRequests = cursor.pendingCount(signals, next);
    const unreadCount = Math.max(0, lagRequests - inFlight.count);
    const unreadBytes = count === 0 ? 0 : unreadCount * (bytes / count);
    const lagSeconds = lagRequests === 0 ? 0 : Math.max(0, this.#seconds());
    return { lagRequests, lagBytes: Math.round(inFlight.bytes + unreadBytes), lagSeconds };
  }

  #seconds(): number {
    const { clock, inFlight } = this.#options;
    const { oldestReceivedTimeNs: oldest } = inFlight;
    if (oldest !== undefined) return Number(clock.unixNs() - oldest) / 1e9;
    return (clock.monotonicMs() - this.#progressMs) / 1000;
  }
}
