/** The shop's spans in the requests that its instances send, exactly as many as were ordered. */
import { type Instance, schemaUrl } from './fleet.ts';
import type { Random } from './random.ts';
import type { Shop } from './shop.ts';
import type { ResourceSpans, Scope, Span, TraceRequest } from './telemetry.ts';
import type { EmittedSpan, Visit } from './visit.ts';

export interface TrafficLimits {
  readonly spansPerRequest: number;
  /** Infinity where only close() ends the traffic. */
  readonly spansTotal: number;
}

export interface TrafficRequest {
  readonly message: TraceRequest;
  readonly spanCount: number;
}

/**
 * Spans held back, in requests: enough that most requests come from a single instance, few enough
 * that none waits longer than SDKs let it wait.
 */
const heldRequests = 4;

/** Visits end within this time before they are made up, so that no span ends in the future. */
const jitterNs = 200_000_000;

export class Traffic {
  readonly #shop: Shop;
  readonly #random: Random;
  readonly #limits: TrafficLimits;
  readonly #held = new Map<Instance, EmittedSpan[]>();
  #heldCount = 0;
  #madeCount = 0;
  #closed = false;

  constructor(shop: Shop, random: Random, limits: TrafficLimits) {
    this.#shop = shop;
    this.#random = random;
    this.#limits = limits;
  }

  /** Nobody enters the shop any more; what is held still goes out, so that traces are whole. */
  close(): void {
    this.#closed = true;
  }

  /** The next request, or undefined after the last one; only the last one may be smaller. */
  next(nowUnixNs: bigint): TrafficRequest | undefined {
    this.#fill(nowUnixNs);
    const spanCount = Math.min(this.#limits.spansPerRequest, this.#heldCount);
    if (spanCount === 0) return undefined;
    const resourceSpans: ResourceSpans[] = [];
    for (let taken = 0; taken < spanCount; ) {
      const [instance, spans] = this.#fullest();
      const part = spans.splice(0, spanCount - taken);
      resourceSpans.push(toResourceSpans(instance, part));
      taken += part.length;
    }
    this.#heldCount -= spanCount;
    return { message: { resourceSpans }, spanCount };
  }

  #fill(nowUnixNs: bigint): void {
    const heldMax = heldRequests * this.#limits.spansPerRequest;
    while (!this.#closed && this.#heldCount < heldMax) {
      const left = this.#limits.spansTotal - this.#madeCount;
      if (left === 0) return;
      const visit = this.#shop.visit();
      this.#hold(visit.spanCount <= left ? visit : this.#shop.probe(), nowUnixNs);
    }
  }

  #hold(visit: Visit, nowUnixNs: bigint): void {
    const endUnixNs = nowUnixNs - BigInt(this.#random.below(jitterNs));
    for (const emitted of visit.emit(endUnixNs)) {
      const spans = this.#held.get(emitted.instance);
      if (spans === undefined) this.#held.set(emitted.instance, [emitted]);
      else spans.push(emitted);
    }
    this.#heldCount += visit.spanCount;
    this.#madeCount += visit.spanCount;
  }

  #fullest(): [Instance, EmittedSpan[]] {
    let fullest: [Instance, EmittedSpan[]] | undefined;
    for (const entry of this.#held) {
      if (fullest === undefined || entry[1].length > fullest[1].length) fullest = entry;
    }
    if (fullest === undefined) throw new Error('No instance holds spans.');
    return fullest;
  }
}

function toResourceSpans(instance: Instance, emitted: readonly EmittedSpan[]): ResourceSpans {
  const groups = new Map<Scope, Span[]>();
  for (const { scope, span } of emitted) {
    const spans = groups.get(scope);
    if (spans === undefined) groups.set(scope, [span]);
    else spans.push(span);
  }
  const scopeSpans = [...groups].map(([scope, spans]) => ({ scope, spans, schemaUrl }));
  return { resource: instance.resource, scopeSpans, schemaUrl };
}
