/** The requests that the shop sends, with exactly as many spans as the settings say. */
import { Random } from '../../shared/random.ts';
import type { Signal } from '../../shared/signal.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { spanLogs } from './logs.ts';
import { type Item, type Message, toRequest } from './message.ts';
import { ShopMetrics } from './metrics.ts';
import type { GenerateSettings } from './settings.ts';
import { operations } from './shop.ts';
import { spanItem, Visit } from './visit.ts';

export interface TrafficRequest {
  readonly signal: Signal;
  readonly message: Message;
  readonly itemCount: number;
}

/** Visits end within this time before the call that makes them, so no span is in the future. */
const jitterNs = 200_000_000;
/** A visit of a single span, for the end of the traffic. */
const probe = 'GET /healthz';

export class Traffic {
  readonly #settings: GenerateSettings;
  readonly #random: Random;
  readonly #fleet: Fleet;
  readonly #metrics: ShopMetrics;
  readonly #spans: Item[] = [];
  readonly #logs: Item[] = [];
  #spansLeft: number;
  #lastExportMs = 0;
  #isEnded = false;

  constructor(settings: GenerateSettings) {
    this.#settings = settings;
    this.#random = new Random(settings.seed);
    this.#fleet = createFleet(this.#random);
    // Metrics have random numbers of their own, so the spans do not depend on the signals sent.
    this.#metrics = new ShopMetrics(this.#fleet, new Random(settings.seed), settings.series);
    this.#spansLeft = settings.spansTotal;
  }

  /** Starts no more visits. The spans of those that have begun are still sent. */
  close(): void {
    this.#spansLeft = 0;
  }

  /**
   * Returns the next requests, or undefined after the last ones; they are due when `spanCount`
   * more spans have ended. `shopMs` is the time since the shop opened.
   */
  next(nowUnixNs: bigint, shopMs: number) {
    if (this.#isEnded) return undefined;
    const { signals, spansPerRequest: countMax } = this.#settings;
    while (this.#spansLeft > 0 && this.#spans.length < countMax) this.#visit(nowUnixNs);
    const spans = this.#spans.splice(0, countMax);
    this.#isEnded = spans.length === 0;
    const due = this.#dueMetrics(nowUnixNs, shopMs);
    if (spans.length > 0) due.push(toTrafficRequest('traces', spans));
    while (this.#logs.length >= (this.#isEnded ? 1 : countMax)) {
      due.push(toTrafficRequest('logs', this.#logs.splice(0, countMax)));
    }
    const requests = due.filter(({ signal }) => signals.includes(signal));
    if (this.#isEnded && requests.length === 0) return undefined;
    return { spanCount: spans.length, requests };
  }

  #visit(nowUnixNs: bigint): void {
    let visit = new Visit(this.#fleet, this.#random, pickPage(this.#random));
    if (visit.spans.length > this.#spansLeft) visit = new Visit(this.#fleet, this.#random, probe);
    this.#spansLeft -= visit.spans.length;
    const startUnixNs = nowUnixNs - BigInt(this.#random.below(jitterNs) + visit.endNs);
    const unixNano = (ns: number) => String(startUnixNs + BigInt(ns));
    for (const span of visit.spans) {
      this.#spans.push(spanItem(span, unixNano));
      this.#logs.push(...spanLogs(span, unixNano));
      this.#metrics.observe(span, unixNano);
    }
  }

  /** Metrics are due once in each interval, and at the end if the last export is older. */
  #dueMetrics(nowUnixNs: bigint, shopMs: number): TrafficRequest[] {
    const { metricInterval } = this.#settings;
    const isNew =
      Math.floor(shopMs / metricInterval) > Math.floor(this.#lastExportMs / metricInterval);
    if (!isNew && !(this.#isEnded && shopMs > this.#lastExportMs)) return [];
    this.#lastExportMs = shopMs;
    return this.#metrics.export(nowUnixNs).map(({ items, pointCount }) => {
      return { ...toTrafficRequest('metrics', items), itemCount: pointCount };
    });
  }
}

function toTrafficRequest(signal: Signal, items: readonly Item[]): TrafficRequest {
  return { signal, message: toRequest(signal, items), itemCount: items.length };
}

/** Draws one of the operations that visits begin with, by their shares. */
function pickPage(random: Random): string {
  let rest = random.fraction();
  for (const [name, { service, share = 0 }] of Object.entries(operations)) {
    rest -= service === 'storefront' ? share : 0;
    if (rest < 0) return name;
  }
  return probe;
}
