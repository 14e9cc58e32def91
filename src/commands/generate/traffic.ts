/** What the shop sends, in the requests of its instances, with exactly as many spans as ordered. */
import type { Signal } from '../../shared/signal.ts';
import type { ExportRequest } from './export-request.ts';
import { type Instance, schemaUrl } from './fleet.ts';
import { HeldItems } from './held-items.ts';
import type { LogsRequest } from './log-messages.ts';
import type { Random } from './random.ts';
import type { Shop } from './shop.ts';
import type { ShopMetrics } from './shop-metrics.ts';
import { type EmittedLog, logsOfSpan, startLog } from './span-logs.ts';
import type { TraceRequest } from './telemetry.ts';
import type { EmittedSpan, Visit } from './visit.ts';

export interface TrafficLimits {
  readonly signals: readonly Signal[];
  /** Log records come in requests of as many. */
  readonly spansPerRequest: number;
  /** Infinity where only close() ends the traffic. */
  readonly spansTotal: number;
  readonly metricIntervalMs: number;
}

export interface TrafficRequest {
  readonly signal: Signal;
  readonly message: ExportRequest;
  readonly itemCount: number;
}

/** A moment of the shop: so many spans went by, and this is sent. */
export interface TrafficStep {
  readonly spanCount: number;
  readonly requests: readonly TrafficRequest[];
}

/**
 * Items held back, in requests: enough that most requests come from a single instance, few enough
 * that none waits longer than SDKs let it wait.
 */
const heldRequests = 4;

/** Visits end within this time before they are made up, so that no span ends in the future. */
const jitterNs = 200_000_000;

/** The spans are the same whichever signals are sent: only they draw from `random`. */
export class Traffic {
  readonly #shop: Shop;
  readonly #random: Random;
  readonly #limits: TrafficLimits;
  readonly #metrics: ShopMetrics;
  readonly #spans = new HeldItems<EmittedSpan>();
  readonly #logs = new HeldItems<EmittedLog>();
  readonly #started = new Set<Instance>();
  #madeCount = 0;
  #closed = false;
  #nextExportMs: number;
  #lastExportMs = 0;
  #ended = false;

  constructor(shop: Shop, random: Random, metrics: ShopMetrics, limits: TrafficLimits) {
    this.#shop = shop;
    this.#random = random;
    this.#metrics = metrics;
    this.#limits = limits;
    this.#nextExportMs = limits.metricIntervalMs;
  }

  /** Nobody enters the shop any more; what is held still goes out, so that traces are whole. */
  close(): void {
    this.#closed = true;
  }

  /**
   * The next step, or undefined after the last one; `shopMs` is the shop's own time since it
   * opened. Only the last step with spans may have fewer than a request's.
   */
  next(nowUnixNs: bigint, shopMs: number): TrafficStep | undefined {
    if (this.#ended) return undefined;
    this.#fill(nowUnixNs);
    const { signals, spansPerRequest } = this.#limits;
    const spanCount = Math.min(spansPerRequest, this.#spans.count);
    this.#ended = spanCount === 0;
    const requests: TrafficRequest[] = [];
    if (spanCount > 0) {
      const message = takeSpans(this.#spans, spanCount);
      if (signals.includes('traces')) {
        requests.push({ signal: 'traces', message, itemCount: spanCount });
      }
    }
    requests.push(...this.#dueLogs(), ...this.#dueMetrics(nowUnixNs, shopMs));
    return this.#ended && requests.length === 0 ? undefined : { spanCount, requests };
  }

  #fill(nowUnixNs: bigint): void {
    const heldMax = heldRequests * this.#limits.spansPerRequest;
    while (!this.#closed && this.#spans.count < heldMax) {
      const left = this.#limits.spansTotal - this.#madeCount;
      if (left === 0) return;
      const visit = this.#shop.visit();
      this.#hold(visit.spanCount <= left ? visit : this.#shop.probe(), nowUnixNs);
    }
  }

  #hold(visit: Visit, nowUnixNs: bigint): void {
    const { signals } = this.#limits;
    const emitted = visit.emit(nowUnixNs - BigInt(this.#random.below(jitterNs)));
    this.#spans.hold(emitted);
    this.#madeCount += visit.spanCount;
    if (signals.includes('logs')) this.#logs.hold(emitted.flatMap((span) => this.#logsOf(span)));
    if (signals.includes('metrics')) for (const span of emitted) this.#metrics.observe(span);
  }

  #logsOf(emitted: EmittedSpan): EmittedLog[] {
    const { instance, span } = emitted;
    const logs = logsOfSpan(emitted);
    if (this.#started.has(instance)) return logs;
    this.#started.add(instance);
    return [startLog(instance, span.startTimeUnixNano), ...logs];
  }

  /** As with spans some are held back, until the end. */
  #dueLogs(): TrafficRequest[] {
    const { spansPerRequest: countMax } = this.#limits;
    const heldMax = this.#ended ? 0 : heldRequests * countMax;
    const requests: TrafficRequest[] = [];
    while (this.#logs.count > heldMax) {
      const itemCount = Math.min(countMax, this.#logs.count);
      requests.push({ signal: 'logs', message: takeLogs(this.#logs, itemCount), itemCount });
    }
    return requests;
  }

  /** Once in each interval, and at the end what no export has seen. */
  #dueMetrics(nowUnixNs: bigint, shopMs: number): TrafficRequest[] {
    const { signals, metricIntervalMs } = this.#limits;
    const isDue = this.#ended ? shopMs > this.#lastExportMs : shopMs >= this.#nextExportMs;
    if (!isDue || !signals.includes('metrics')) return [];
    this.#lastExportMs = shopMs;
    this.#nextExportMs = (Math.floor(shopMs / metricIntervalMs) + 1) * metricIntervalMs;
    return this.#metrics.export(nowUnixNs, shopMs).map(({ message, pointCount }) => {
      return { signal: 'metrics', message, itemCount: pointCount };
    });
  }
}

function takeSpans(held: HeldItems<EmittedSpan>, count: number): TraceRequest {
  const resourceSpans = held.take(count).map(({ instance, groups }) => {
    const scopeSpans = Array.from(groups, ([scope, items]) => {
      return { scope, spans: items.map(({ span }) => span), schemaUrl };
    });
    return { resource: instance.resource, scopeSpans, schemaUrl };
  });
  return { resourceSpans };
}

function takeLogs(held: HeldItems<EmittedLog>, count: number): LogsRequest {
  const resourceLogs = held.take(count).map(({ instance, groups }) => {
    const scopeLogs = Array.from(groups, ([scope, items]) => {
      return { scope, logRecords: items.map(({ record }) => record), schemaUrl };
    });
    return { resource: instance.resource, scopeLogs, schemaUrl };
  });
  return { resourceLogs };
}
