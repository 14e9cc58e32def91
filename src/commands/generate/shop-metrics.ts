/** All metrics of the shop: each instance exports its own, as processes do. */
import { type Fleet, type Instance, schemaUrl } from './fleet.ts';
import type { ExportWindow, Instrument } from './instrument.ts';
import type { Metric, MetricsRequest, ScopeMetrics } from './metric-messages.ts';
import { ProcessMetrics } from './process-metrics.ts';
import type { Random } from './random.ts';
import { SpanMetrics } from './span-metrics.ts';
import { StockMetrics } from './stock-metrics.ts';
import type { Scope } from './telemetry.ts';
import type { EmittedSpan } from './visit.ts';

/** An export of one instance, or a part of it. */
export interface MetricsExport {
  readonly message: MetricsRequest;
  readonly pointCount: number;
}

/** The services were started so long before anybody looked. */
const uptimeNs = 600_000_000_000n;

interface InstanceMetrics {
  readonly instance: Instance;
  readonly spans: SpanMetrics;
  readonly process: ProcessMetrics;
}

export class ShopMetrics {
  readonly #byInstance: ReadonlyMap<Instance, InstanceMetrics>;
  readonly #stock: StockMetrics;
  readonly #seriesCount: number;
  #startUnixNs: bigint | undefined;
  #lastShopMs = 0;

  /** Beyond the shop's own series, those of its stock fill up to `seriesCount`. */
  constructor(fleet: Fleet, random: Random, seriesCount: number) {
    const instances = Object.values(fleet).flat();
    this.#byInstance = new Map(
      instances.map((instance) => {
        const spans = new SpanMetrics(instance);
        return [instance, { instance, spans, process: new ProcessMetrics(instance, random) }];
      }),
    );
    this.#stock = new StockMetrics(fleet.inventory[0]!, random);
    this.#seriesCount = seriesCount;
  }

  observe(emitted: EmittedSpan): void {
    this.#byInstance.get(emitted.instance)?.spans.observe(emitted);
  }

  /** What all instances send at this moment; `shopMs` is since when the shop is watched. */
  export(nowUnixNs: bigint, shopMs: number): MetricsExport[] {
    this.#startUnixNs ??= nowUnixNs - uptimeNs;
    const window = { startUnixNs: this.#startUnixNs, nowUnixNs };
    const secondsSinceLast = (shopMs - this.#lastShopMs) / 1000;
    this.#lastShopMs = shopMs;
    const own = Array.from(this.#byInstance.values(), (metrics) => {
      metrics.process.observe(secondsSinceLast);
      return exportOf(metrics, window);
    });
    const ownCount = own.reduce((sum, { pointCount }) => sum + pointCount, 0);
    return [...own, ...this.#stock.collect(Math.max(this.#seriesCount - ownCount, 0), window)];
  }
}

function exportOf({ instance, spans, process }: InstanceMetrics, window: ExportWindow) {
  const { resource, scopes } = instance;
  const owned = [
    ...spans.instruments.map(({ role, instrument }) => ({ scope: scopes[role], instrument })),
    ...process.instruments.map((instrument) => ({ scope: scopes.application, instrument })),
  ].filter(({ instrument }) => instrument.seriesCount > 0);
  const groups = new Map<Scope, Metric[]>();
  for (const { scope, instrument } of owned) {
    const metric = { ...instrument.name, ...instrument.collect(window) };
    const metrics = groups.get(scope);
    if (metrics === undefined) groups.set(scope, [metric]);
    else metrics.push(metric);
  }
  const scopeMetrics: ScopeMetrics[] = Array.from(groups, ([scope, metrics]) => {
    return { scope, metrics, schemaUrl };
  });
  const message = { resourceMetrics: [{ resource, scopeMetrics, schemaUrl }] };
  return { message, pointCount: countPoints(owned.map(({ instrument }) => instrument)) };
}

function countPoints(instruments: readonly Instrument[]): number {
  return instruments.reduce((sum, { seriesCount }) => sum + seriesCount, 0);
}
