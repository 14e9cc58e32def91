/** An instrument that counts measurements by buckets with given bounds. */
import { type Measurement, toExemplar } from './exemplar.ts';
import { cumulative, type ExportWindow, type Instrument } from './instrument.ts';
import type { Exemplar, HistogramPoint, MetricData, MetricName } from './metric-messages.ts';
import { SeriesSet } from './series-set.ts';
import type { KeyValue } from './telemetry.ts';

interface HistogramState {
  count: number;
  sum: number;
  min: number;
  max: number;
  readonly bucketCounts: number[];
  /** The last of each bucket since the last export, as SDKs keep them by default. */
  readonly exemplars: Map<number, Exemplar>;
}

export class Histogram implements Instrument {
  readonly name: MetricName;
  readonly #bounds: readonly number[];
  readonly #series: SeriesSet<HistogramState>;

  /** A bound is the last value of its bucket; behind the last bound there is one bucket more. */
  constructor(name: MetricName, bounds: readonly number[]) {
    this.name = name;
    this.#bounds = bounds;
    this.#series = new SeriesSet(() => ({
      count: 0,
      sum: 0,
      min: Number.POSITIVE_INFINITY,
      max: Number.NEGATIVE_INFINITY,
      bucketCounts: new Array<number>(bounds.length + 1).fill(0),
      exemplars: new Map(),
    }));
  }

  get seriesCount(): number {
    return this.#series.count;
  }

  record(measurement: Measurement, attributes: readonly KeyValue[]): void {
    const { value } = measurement;
    const state = this.#series.stateOf(attributes);
    state.count++;
    state.sum += value;
    state.min = Math.min(state.min, value);
    state.max = Math.max(state.max, value);
    const found = this.#bounds.findIndex((bound) => value <= bound);
    const bucket = found < 0 ? this.#bounds.length : found;
    state.bucketCounts[bucket]! += 1;
    state.exemplars.set(bucket, toExemplar(measurement));
  }

  collect({ startUnixNs, nowUnixNs }: ExportWindow): MetricData {
    const dataPoints = this.#series.map((attributes, state): HistogramPoint => {
      const { count, sum, min, max } = state;
      const exemplars = [...state.exemplars.values()];
      state.exemplars.clear();
      const times = { startTimeUnixNano: startUnixNs, timeUnixNano: nowUnixNs };
      const buckets = { bucketCounts: [...state.bucketCounts], explicitBounds: this.#bounds };
      return { attributes, ...times, count, sum, min, max, ...buckets, exemplars };
    });
    return { histogram: { dataPoints, aggregationTemporality: cumulative } };
  }
}
