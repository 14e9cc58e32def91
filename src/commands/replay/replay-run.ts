/** Runs one replay: takes the requests from the archive, and sends each when it is due. */
import type { Clock } from '../../shared/clock.ts';
import type { Signal } from '../../shared/signal.ts';
import {
  type DeliveryPorts,
  RequestDelivery,
  type RetryRules,
} from '../delivery/request-delivery.ts';
import type { Tally } from '../delivery/tally.ts';
import { mergeByReceivedTime, type Received } from './request-order.ts';

/** A request as it is rebuilt from the archive. */
export interface ReplayedRequest extends Received {
  readonly signal: Signal;
  readonly rows: number;
  /** An Export…ServiceRequest in protobuf. */
  readonly bytes: Uint8Array;
}

export interface ReplayPlan {
  readonly signals: readonly Signal[];
  readonly concurrency: number;
  /** Factor of the recorded pace; undefined sends as fast as the destination accepts. */
  readonly speed: number | undefined;
}

export interface ReplayPorts extends DeliveryPorts {
  /** Returns the requests of a signal in the order of the log. */
  readonly requests: (signal: Signal) => AsyncIterable<ReplayedRequest>;
}

/**
 * A destination that restarts answers again within 30 s. If it asks to be left alone for some time,
 * the replay waits for that time, however long it is.
 */
const retry: RetryRules = {
  ...{ initialMs: 200, multiplier: 2, maxMs: 10_000 },
  triesMax: 12,
  retryAfterMsMax: Number.POSITIVE_INFINITY,
  silenceMsMax: 30_000,
};

/** Node's timers hold at most 24 days, so longer waits are several timers. */
const sleepMsMax = 86_400_000;

/**
 * Sends the requests until the archive ends, the destination fails, or `stop` is aborted. Requests
 * that the recorder receives meanwhile, perhaps from this replay, are not replayed.
 */
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

/** Requests are sent at the recorded distances in time, divided by the speed. */
class Pace {
  readonly #speed: number;
  readonly #clock: Clock;
  #first: { readonly receivedTime: bigint; readonly monotonicMs: number } | undefined;

  constructor(speed: number, clock: Clock) {
    this.#speed = speed;
    this.#clock = clock;
  }

  /** Returns how long to wait. The first request is due at once; delays are made up for. */
  waitMs(receivedTime: bigint): number {
    const nowMs = this.#clock.monotonicMs();
    this.#first ??= { receivedTime, monotonicMs: nowMs };
    const recordedMs = Number(receivedTime - this.#first.receivedTime) / nsPerMs;
    return this.#first.monotonicMs + recordedMs / this.#speed - nowMs;
  }
}
