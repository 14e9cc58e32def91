/** The metrics of the shop, from a table of what its instances measure. */
import type { Random } from '../../shared/random.ts';
import type { Fleet, Instance } from './fleet.ts';
import { pick } from './logs.ts';
import { type Attributes, type Item, type Message, toKeyValues } from './message.ts';
import type { Span, UnixNano } from './visit.ts';

interface Row {
  readonly type: 'gauge' | 'sum' | 'histogram' | 'exponentialHistogram' | 'summary';
  readonly name: string;
  readonly unit: string;
  readonly isInt?: boolean;
  readonly isMonotonic?: boolean;
  /** Spans that are measured, and the attributes that tell time series apart. */
  readonly about?: string;
  readonly by?: readonly string[];
  /** What a span adds; by default its duration in seconds. */
  readonly value?: (attributes: Attributes) => number;
  /** The next value of a row without spans, before each export. */
  readonly next?: (random: Random, last: number) => number;
}

interface Series {
  readonly attributes: readonly Message[];
  count: number;
  sum: number;
  /** By the index of the bucket: counts, and the last exemplar since the last export. */
  readonly buckets: Map<number, number>;
  readonly exemplars: Map<number, Message>;
  readonly recent: number[];
}

const http = ['http.request.method', 'http.route', 'http.response.status_code', 'error.type'];
const time = { type: 'histogram', unit: 's' } as const;
const int = { type: 'sum', isInt: true } as const;
const placed = { about: 'checkout/PlaceOrder server', by: ['order.currency'], isMonotonic: true };
const db = { about: 'postgresql client', by: ['db.operation.name', 'error.type'] } as const;
const total = ({ 'order.total': cents }: Attributes) => cents as number;
const bytes = (random: Random) => random.between(2e8, 3e8);
const cpu = (random: Random) => random.logNormal(0.2, 0.4);

const rows: readonly Row[] = [
  { ...time, name: 'http.server.request.duration', about: 'http server', by: http },
  { ...time, name: 'http.client.request.duration', about: 'http client', by: http },
  { ...time, name: 'rpc.server.call.duration', about: 'grpc server', by: ['rpc.method'] },
  { ...db, type: 'exponentialHistogram', name: 'db.client.operation.duration', unit: 's' },
  { ...placed, ...int, name: 'shop.orders', unit: '{order}', value: () => 1 },
  { ...placed, ...int, name: 'shop.revenue', unit: 'cent', value: total },
  { type: 'summary', name: 'code.duration', unit: 's', about: 'code internal', by: ['error.type'] },
  { type: 'gauge', name: 'process.cpu.utilization', unit: '1', next: cpu },
  { type: 'gauge', name: 'process.memory.usage', unit: 'By', isInt: true, next: bytes },
  { ...int, name: 'http.server.active_requests', unit: '{request}', next: (r) => r.below(40) },
];

/** Series of products in stock fill an export up to the number that was asked for. */
const stockRow: Row = { type: 'gauge', name: 'shop.stock', unit: '{item}', isInt: true };
/** The part of the products that are sold between two exports. */
const soldShare = 0.2;
/** At some 100 bytes a point, a request is far below what servers accept. */
const stockPerRequest = 3_000;
/** The services started so long before the first export. */
const uptimeNs = 600_000_000_000n;
/** The upper bounds of the histograms' buckets in seconds, from the semantic conventions. */
const explicitBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** Exponential histograms have eight buckets for each doubling of the value. */
const scale = 3;
/** A summary has the quantiles of its last values. */
const recentMax = 500;
const cumulative = { aggregationTemporality: 2 };

export class ShopMetrics {
  readonly #random: Random;
  readonly #seriesCount: number;
  /** The time series of each row of each instance, by their attributes. */
  readonly #sets: ReadonlyMap<Instance, readonly Map<string, Series>[]>;
  readonly #stock: Series[] = [];
  #startTimeUnixNano: string | undefined;

  /** Exports have at least `seriesCount` time series. */
  constructor(fleet: Fleet, random: Random, seriesCount: number) {
    this.#random = random;
    this.#seriesCount = seriesCount;
    const instances = Object.values(fleet).flat();
    this.#sets = new Map(instances.map((instance) => [instance, rows.map(() => new Map())]));
  }

  observe(span: Span, unixNano: UnixNano): void {
    const { traceId, spanId, instance, attributes, startNs, endNs } = span;
    const exemplar = { traceId, spanId, timeUnixNano: unixNano(endNs) };
    for (const [index, row] of rows.entries()) {
      if (row.about === undefined || !span.about.includes(row.about)) continue;
      const series = seriesOf(this.#sets.get(instance)![index]!, pick(attributes, row.by!));
      const asDouble = row.value?.(attributes) ?? (endNs - startNs) / 1e9;
      record(series, row, { ...exemplar, asDouble });
    }
  }

  /** Returns the items of each request. */
  export(nowUnixNs: bigint): { readonly items: Item[]; readonly pointCount: number }[] {
    this.#startTimeUnixNano ??= String(nowUnixNs - uptimeNs);
    const times = { startTimeUnixNano: this.#startTimeUnixNano, timeUnixNano: String(nowUnixNs) };
    const requests = Array.from(this.#sets, ([instance, sets]) => {
      const lists = sets.map((set, index) => {
        const { next } = rows[index]!;
        const series = next && seriesOf(set, {});
        if (series) series.sum = next(this.#random, series.sum);
        return [...set.values()];
      });
      const items = lists.flatMap((all, index) => toItem(instance, rows[index]!, all, times));
      return { items, pointCount: lists.flat().length };
    });
    const ownCount = requests.reduce((sum, { pointCount }) => sum + pointCount, 0);
    const stock = this.#restock(this.#seriesCount - ownCount);
    const [instance] = this.#sets.keys();
    for (let first = 0; first < stock.length; first += stockPerRequest) {
      const part = stock.slice(first, first + stockPerRequest);
      requests.push({ items: toItem(instance!, stockRow, part, times), pointCount: part.length });
    }
    return requests;
  }

  #restock(count: number): Series[] {
    for (let index = this.#stock.length; index < count; index++) {
      this.#stock.push(newSeries({ 'product.sku': `SKU-${index}` }));
    }
    for (const series of this.#stock) {
      if (this.#random.chance(soldShare)) series.sum = this.#random.below(500);
    }
    return this.#stock.slice(0, Math.max(count, 0));
  }
}

function seriesOf(set: Map<string, Series>, attributes: Attributes): Series {
  const key = JSON.stringify(attributes);
  const series = set.get(key) ?? newSeries(attributes);
  set.set(key, series);
  return series;
}

function newSeries(attributes: Attributes): Series {
  const maps = { buckets: new Map(), exemplars: new Map() };
  return { attributes: toKeyValues(attributes), count: 0, sum: 0, ...maps, recent: [] };
}

function record(series: Series, { type }: Row, exemplar: Message & { asDouble: number }): void {
  const { asDouble: value } = exemplar;
  const exponential = Math.ceil(Math.log2(value) * 2 ** scale) - 1;
  const explicit = explicitBounds.filter((bound) => bound < value).length;
  const index = type === 'exponentialHistogram' ? exponential : explicit;
  series.recent[series.count % recentMax] = value;
  series.count++;
  series.sum += value;
  series.buckets.set(index, (series.buckets.get(index) ?? 0) + 1);
  series.exemplars.set(index, exemplar);
}

/** Returns the metric with a data point for each series; nothing without series. */
function toItem(instance: Instance, row: Row, all: readonly Series[], times: Message): Item[] {
  if (all.length === 0) return [];
  const { type, name, unit, isMonotonic = false } = row;
  const dataPoints = all.map((series) => {
    return { attributes: series.attributes, ...times, ...toPoint(series, row) };
  });
  const isSum = type === 'sum' && { isMonotonic };
  const data = { dataPoints, ...(type !== 'gauge' && type !== 'summary' && cumulative), ...isSum };
  return [{ instance, message: { name, unit, [type]: data } }];
}

function toPoint(series: Series, { type, isInt }: Row): Message {
  const { count, sum, buckets, exemplars, recent } = series;
  if (type === 'gauge' || type === 'sum') return isInt ? { asInt: sum } : { asDouble: sum };
  if (type === 'summary') {
    const sorted = recent.toSorted((a, b) => a - b);
    const quantileValues = [0.5, 0.9, 0.99].map((quantile) => {
      return { quantile, value: sorted[Math.floor(quantile * sorted.length)] };
    });
    return { count, sum, quantileValues };
  }
  const point = { count, sum, exemplars: [...exemplars.values()] };
  const isExplicit = type === 'histogram';
  exemplars.clear();
  const offset = isExplicit ? 0 : Math.min(...buckets.keys());
  const last = isExplicit ? explicitBounds.length : Math.max(...buckets.keys());
  const length = last - offset + 1;
  const counts = Array.from({ length }, (_, index) => buckets.get(offset + index) ?? 0);
  if (isExplicit) return { ...point, explicitBounds, bucketCounts: counts };
  return { ...point, scale, zeroCount: 0, positive: { offset, bucketCounts: counts } };
}
