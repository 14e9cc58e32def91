/** Reads a shop's traffic from a seed, and looks into its messages. */
import type { GenerateSettings } from '../../../src/commands/generate/settings.ts';
import { Traffic, type TrafficRequest } from '../../../src/commands/generate/traffic.ts';
import { type Signal, signals } from '../../../src/shared/signal.ts';

/** The time of the traffic's first step. It is after 2^53 ns, as real times are. */
export const startUnixNs = 1_800_000_000_123_456_789n;

// biome-ignore lint/suspicious/noExplicitAny: the tests walk through messages of known shape.
export type Message = any;

export function settingsWith(changes: Partial<GenerateSettings>): GenerateSettings {
  return {
    ...{ endpoint: new URL('http://127.0.0.1:4318'), protocol: 'http/protobuf', headers: {} },
    ...{ compression: 'none', concurrency: 1, signals, rate: 1000, duration: 1000, series: 0 },
    ...{ metricInterval: 1000, seed: 1, spansPerRequest: 100, spansTotal: 1000 },
    ...changes,
  };
}

/** Returns all requests to the end; each step is one second later than the one before. */
export function readTraffic(
  changes: Partial<GenerateSettings>,
  firstUnixNs = startUnixNs,
): TrafficRequest[] {
  const traffic = new Traffic(settingsWith(changes));
  const requests: TrafficRequest[] = [];
  for (let shopMs = 1000; ; shopMs += 1000) {
    const step = traffic.next(firstUnixNs + BigInt(shopMs) * 1_000_000n, shopMs);
    if (step === undefined) return requests;
    requests.push(...step.requests);
  }
}

/** Returns the spans, metrics or log records of the requests. */
export function itemsOf(requests: readonly TrafficRequest[], signal: Signal): Message[] {
  return requests
    .filter((request) => request.signal === signal)
    .flatMap(({ message }) => Object.values(message)[0] as Message[])
    .flatMap((group) => group.scopeSpans ?? group.scopeMetrics ?? group.scopeLogs)
    .flatMap((group) => group.spans ?? group.metrics ?? group.logRecords);
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Returns the value of an attribute without its type. */
export function attributeOf({ attributes }: Message, key: string): unknown {
  const found = attributes.find((attribute: Message) => attribute.key === key);
  return found === undefined ? undefined : Object.values(found.value)[0];
}
