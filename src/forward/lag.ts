/** How far a destination is behind: in requests, in bytes and in time. */
import type { Clock } from '../shared/clock.ts';
import type { Signal } from '../shared/signal.ts';
import type { Cursor } from './cursor.ts';
import type { ForwardStatus } from './forward-status.ts';
import type { UnderWay } from './under-way.ts';

export interface LagOptions {
  readonly cursor: Pick<Cursor, 'behind'>;
  readonly signals: readonly Signal[];
  readonly clock: Clock;
  readonly underWay: Pick<UnderWay, 'count' | 'bytes' | 'oldestReceivedTimeNs'>;
}

export class Lag {
  readonly #options: LagOptions;
  readonly #read = { count: 0, bytes: 0 };
  #movedMs: number;

  constructor(options: LagOptions) {
    this.#options = options;
    this.#movedMs = options.clock.monotonicMs();
  }

  /** A request of so many bytes was read. */
  read(bytes: number): void {
    this.#read.count += 1;
    this.#read.bytes += bytes;
    this.moved();
  }

  /** Something was done, or nothing is left to do. */
  moved(): void {
    this.#movedMs = this.#options.clock.monotonicMs();
  }

  /** When the next request will have the position. */
  at(next: number): Pick<ForwardStatus, 'lagRequests' | 'lagBytes' | 'lagSeconds'> {
    const { cursor, signals, underWay } = this.#options;
    const { count, bytes } = this.#read;
    const lagRequests = cursor.behind(signals, next);
    const unreadCount = Math.max(0, lagRequests - underWay.count);
    const unreadBytes = count === 0 ? 0 : unreadCount * (bytes / count);
    const lagSeconds = lagRequests === 0 ? 0 : Math.max(0, this.#seconds());
    return { lagRequests, lagBytes: Math.round(underWay.bytes + unreadBytes), lagSeconds };
  }

  #seconds(): number {
    const { clock, underWay } = this.#options;
    const { oldestReceivedTimeNs: oldest } = underWay;
    if (oldest !== undefined) return Number(clock.unixNs() - oldest) / 1e9;
    return (clock.monotonicMs() - this.#movedMs) / 1000;
  }
}
