/** A shop's traffic from a seed, as `archer generate` opens it. */
import { Random } from '../../../src/commands/generate/random.ts';
import { openShop } from '../../../src/commands/generate/shop.ts';
import { ShopMetrics } from '../../../src/commands/generate/shop-metrics.ts';
import {
  Traffic,
  type TrafficLimits,
  type TrafficRequest,
} from '../../../src/commands/generate/traffic.ts';

/** With as many time series as the shop has, or more. */
export function openTraffic(seed: number, limits: TrafficLimits, seriesCount = 0): Traffic {
  const random = new Random(seed);
  const shop = openShop(random);
  return new Traffic(
    shop,
    random,
    new ShopMetrics(shop.fleet, new Random(seed), seriesCount),
    limits,
  );
}

/** All requests to the end; each step is so much later than the one before. */
export function readTraffic(traffic: Traffic, nowUnixNs: bigint, stepMs = 1000): TrafficRequest[] {
  const requests: TrafficRequest[] = [];
  for (let shopMs = stepMs; ; shopMs += stepMs) {
    const step = traffic.next(nowUnixNs + BigInt(shopMs) * 1_000_000n, shopMs);
    if (step === undefined) return requests;
    requests.push(...step.requests);
  }
}
