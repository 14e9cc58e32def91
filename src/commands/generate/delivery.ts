/** Sends the traffic at its rate. */
import type { Signal } from '../../shared/signal.ts';
import {
  type DeliveryPorts,
  RequestDelivery,
  type RetryRules,
} from '../delivery/request-delivery.ts';
import type { Tally } from '../delivery/tally.ts';
import type { ExportRequest } from './export-request.ts';
import type { Traffic } from './traffic.ts';

export interface DeliveryPlan {
  /** What is sent of the shop. */
  readonly signals: readonly Signal[];
  /** Spans that the shop makes in a second; 0 is as fast as all is accepted. */
  readonly rate: number;
  readonly durationMs: number;
  readonly spansTotal: number;
  readonly spansPerRequest: number;
  /** Requests under way at the same time. */
  readonly concurrency: number;
}

export interface TrafficPorts extends DeliveryPorts {
  readonly encode: (signal: Signal, message: ExportRequest) => Uint8Array;
}

/** A restart takes seconds: the five tries after the first one span up to six of them. */
const retry: RetryRules = {
  ...{ initialMs: 200, multiplier: 2, maxMs: 3_200 },
  triesMax: 6,
  retryAfterMsMax: 30_000,
};

export async function deliver(
  traffic: Traffic,
  plan: DeliveryPlan,
  ports: TrafficPorts,
  stop: AbortSignal,
): Promise<Tally> {
  const { signals, concurrency } = plan;
  const delivery = new RequestDelivery({ signals, concurrency, retry }, ports, stop);
  let spanCount = 0;
  for (;;) {
    const shopMs = await nextShopMs(traffic, plan, ports, delivery, spanCount, stop);
    const step = delivery.isOver ? undefined : traffic.next(ports.clock.unixNs(), shopMs);
    if (step === undefined) break;
    spanCount += step.spanCount;
    for (const { signal, message, itemCount } of step.requests) {
      if (delivery.isOver) break;
      await delivery.start({ signal, body: ports.encode(signal, message), itemCount });
    }
  }
  return delivery.finish();
}

/** Waits until the next step is due; gives the shop's time then. */
async function nextShopMs(
  traffic: Traffic,
  { rate, durationMs, spansTotal, spansPerRequest }: DeliveryPlan,
  { sleep }: TrafficPorts,
  delivery: RequestDelivery,
  spanCount: number,
  stop: AbortSignal,
): Promise<number> {
  if (rate === 0) {
    if (delivery.elapsedMs() >= durationMs) traffic.close();
    return delivery.elapsedMs();
  }
  const dueMs = (Math.min(spanCount + spansPerRequest, spansTotal) / rate) * 1000;
  const waitMs = dueMs - delivery.elapsedMs();
  if (waitMs > 0) await sleep(waitMs, stop);
  return dueMs;
}
