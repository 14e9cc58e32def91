/** Three time series for each product of a large catalogue: as many series as are wanted. */

import { type Instance, schemaUrl } from './fleet.ts';
import { cumulative, type ExportWindow } from './instrument.ts';
import type { MetricData, MetricsRequest, NumberPoint, ScopeMetrics } from './metric-messages.ts';
import type { Random } from './random.ts';
import { type KeyValue, toKeyValues } from './telemetry.ts';

/** At some 100 bytes a point, far below what servers take in one request. */
const pointsPerRequest = 3_000;

/** Most products lie on their shelf between two looks. */
const soldShare = 0.2;

interface Product {
  readonly attributes: readonly KeyValue[];
  readonly price: number;
  quantity: number;
  soldCount: number;
}

/** One of the three: what it is called, and a product's point in it. */
interface StockMetric {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly toPoint: (product: Product, window: ExportWindow) => NumberPoint;
  readonly toData: (dataPoints: NumberPoint[]) => MetricData;
}

const monotonic = { aggregationTemporality: cumulative, isMonotonic: true };

const stockMetrics: readonly StockMetric[] = [
  {
    ...{ name: 'shop.stock.quantity', unit: '{item}', description: 'Items on the shelf.' },
    toPoint: ({ attributes, quantity }, { nowUnixNs }) => {
      return { attributes, timeUnixNano: nowUnixNs, asInt: quantity };
    },
    toData: (dataPoints) => ({ gauge: { dataPoints } }),
  },
  {
    ...{ name: 'shop.stock.sold', unit: '{item}', description: 'Items sold.' },
    toPoint: ({ attributes, soldCount }, window) => {
      return { attributes, ...timesOf(window), asInt: soldCount };
    },
    toData: (dataPoints) => ({ sum: { dataPoints, ...monotonic } }),
  },
  {
    ...{ name: 'shop.stock.revenue', unit: 'EUR', description: 'Of items sold.' },
    toPoint: ({ attributes, soldCount, price }, window) => {
      return { attributes, ...timesOf(window), asDouble: soldCount * price };
    },
    toData: (dataPoints) => ({ sum: { dataPoints, ...monotonic } }),
  },
];

const productsPerRequest = Math.floor(pointsPerRequest / stockMetrics.length);

export interface StockRequest {
  readonly message: MetricsRequest;
  readonly pointCount: number;
}

export class StockMetrics {
  readonly #instance: Instance;
  readonly #random: Random;
  readonly #products: Product[] = [];

  /** The instance is the one that says how much there is. */
  constructor(instance: Instance, random: Random) {
    this.#instance = instance;
    this.#random = random;
  }

  /** Exactly so many points, each of a series of its own; the same series each time. */
  collect(pointCount: number, window: ExportWindow): StockRequest[] {
    while (this.#products.length * stockMetrics.length < pointCount) this.#addProduct();
    for (const product of this.#products) this.#sell(product);
    const requests: StockRequest[] = [];
    const productCount = Math.ceil(pointCount / stockMetrics.length);
    for (let first = 0; first < productCount; first += productsPerRequest) {
      const products = this.#products.slice(first, first + productsPerRequest);
      const pointsLeft = pointCount - first * stockMetrics.length;
      requests.push(this.#toRequest(products, pointsLeft, window));
    }
    return requests;
  }

  #addProduct(): void {
    const sku = `SKU-${String(this.#products.length).padStart(7, '0')}`;
    const random = this.#random;
    const warehouse = random.pick(['dub-1', 'ber-1', 'lis-2']);
    const attributes = toKeyValues({ 'product.sku': sku, 'warehouse.id': warehouse });
    const quantity = random.below(500);
    this.#products.push({ attributes, price: random.between(1, 99), quantity, soldCount: 0 });
  }

  #sell(product: Product): void {
    if (!this.#random.chance(soldShare)) return;
    const count = this.#random.between(1, 5);
    product.soldCount += count;
    product.quantity = product.quantity < count ? product.quantity + 500 : product.quantity - count;
  }

  #toRequest(products: readonly Product[], pointsMax: number, window: ExportWindow): StockRequest {
    const { resource, scopes } = this.#instance;
    let pointCount = 0;
    const metrics = stockMetrics.flatMap(({ name, unit, description, toPoint, toData }, place) => {
      // Of the last product not every series may be wanted.
      const wanted = products.filter((_, index) => index * stockMetrics.length + place < pointsMax);
      pointCount += wanted.length;
      if (wanted.length === 0) return [];
      const points = wanted.map((product) => toPoint(product, window));
      return [{ name, unit, description, ...toData(points) }];
    });
    const scopeMetrics: ScopeMetrics[] = [{ scope: scopes.application, metrics, schemaUrl }];
    return { message: { resourceMetrics: [{ resource, scopeMetrics, schemaUrl }] }, pointCount };
  }
}

function timesOf({ startUnixNs, nowUnixNs }: ExportWindow) {
  return { startTimeUnixNano: startUnixNs, timeUnixNano: nowUnixNs };
}
