/** One replay: takes the requests from the archive, and sends each when it is due. */
import type { Clock } from '../../shared/clock.ts';
import type { Signal } from '../../shared/signal.ts';
import {
  type DeliveryPorts,
  RequestDelivery,
  type RetryRules,
} from '../delivery/request-delivery.ts';
import type { Tally } from '../delivery/tally.ts';
import { mergeByReceivedTime, type Received } from './request-order.ts';

/** As the archive rebuilds it. */
export interface ReplayedRequest extends Received {
  readonly signal: Signal;
  readonly rows: number;
  /** An Export…ServiceRequest in protobuf. */
  readonly bytes: Uint8Array;
}

export interface ReplayPlan {
  readonly signals: readonly Signal[];
  readonly concurrency: number;
  /** How many times as fast as recorded; undefined for as fast as accepted. */
  readonly speed: number | undefined;
}

export interface ReplayPorts extends DeliveryPorts {
  /** In the order of the log. */
  readonly requests: (signal: Signal) => AsyncIterable<ReplayedRequest>;
}

/** A destination that restarts is back within a minute; what it asks for is always waited for. */
const retry: RetryRules = {
  ...{ initialMs: 200, multiplier: 2, maxMs: 10_000 },
  triesMax: 12,
  retryAfterMsMax: Number.POSITIVE_INFINITY,
};

/** Timers hold 24 days at most. */
const sleepMsMax = 86_400_000;

/** What comes in while it goes on, perhaps from itself, is not replayed. */
export async function replay(
  plan: ReplayPlan,
  ports: ReplayPorts,
  stop: AbortSignal,
): Promise<Tally> {
  const { signals, concurrency, speed } = plan;
  const { clock, requests, sleep } = ports;
  const delivery = new RequestDelivery({ signals, concurrency, retry }, ports, stop);
  const startTime = clock.unixNs();
  const pace = speed === undefined ? undefined : new Pace(speed, clock);
  for await (const request of mergeByReceivedTime(signals.map(requests))) {
    if (delivery.isOver) break;
    if (request.receivedTime >= startTime) continue;
    for (;;) {
      const waitMs = pace?.waitMs(request.receivedTime) ?? 0;
      if (waitMs <= 0 || delivery.isOver) break;
      await sleep(Math.min(waitMs, sleepMsMax), stop);
    }
    if (delivery.isOver) break;
    const { signal, bytes: body, rows: itemCount } = request;
    await delivery.start({ signal, body, itemCount });
  }
  return delivery.finish();
}

const nsPerMs = 1_000_000;

/** Requests keep the distances in time that they were received at, divided by the speed. */
class Pace {
  readonly #speed: number;
  readonly #clock: Clock;
  #first: { readonly receivedTime: bigint; readonly monotonicMs: number } | undefined;

  constructor(speed: number, clock: Clock) {
    this.#speed = speed;
    this.#clock = clock;
  }

  /** The first is due at once; what is late is made up for. */
  waitMs(receivedTime: bigint): number {
    const nowMs = this.#clock.monotonicMs();
    this.#first ??= { receivedTime, monotonicMs: nowMs };
    const recordedMs = Number(receivedTime - this.#first.receivedTime) / nsPerMs;
    return this.#first.monotonicMs + recordedMs / this.#speed - nowMs;
  }
}
