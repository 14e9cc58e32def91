/** Sends the traffic at its rate. */
import type { Signal } from '../../shared/signal.ts';
import {
  type DeliveryPorts,
  RequestDelivery,
  type RetryRules,
} from '../delivery/request-delivery.ts';
import type { Tally } from '../delivery/tally.ts';
import type { Message } from './message.ts';
import type { GenerateSettings } from './settings.ts';
import type { Traffic } from './traffic.ts';

/** A restart of the destination takes seconds; five retries take up to six seconds. */
const retry: RetryRules = {
  ...{ initialMs: 200, multiplier: 2, maxMs: 3_200 },
  ...{ triesMax: 6, retryAfterMsMax: 30_000 },
};

/** Sends until the traffic ends, the destination fails, or `stop` is aborted. */
export async function sendTraffic(
  traffic: Traffic,
  { signals, rate, duration, spansTotal, spansPerRequest, concurrency }: GenerateSettings,
  ports: DeliveryPorts & { serialize: (signal: Signal, message: Message) => Uint8Array },
  stop: AbortSignal,
): Promise<Tally> {
  const delivery = new RequestDelivery({ signals, concurrency, retry }, ports, stop);
  for (let spanCount = 0; ; ) {
    let shopMs = delivery.elapsedMs();
    if (rate > 0) {
      const dueMs = (Math.min(spanCount + spansPerRequest, spansTotal) / rate) * 1000;
      if (dueMs > shopMs) await ports.sleep(dueMs - shopMs, stop);
      shopMs = dueMs;
    } else if (shopMs >= duration) traffic.close();
    const step = delivery.isOver ? undefined : traffic.next(ports.clock.unixNs(), shopMs);
    if (step === undefined) return delivery.finish();
    spanCount += step.spanCount;
    for (const { signal, message, itemCount } of step.requests) {
      if (delivery.isOver) break;
      await delivery.start({ signal, body: ports.serialize(signal, message), itemCount });
    }
  }
}
