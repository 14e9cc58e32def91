/** An instrument that counts measurements by buckets which grow by a constant factor. */
import { type Measurement, toExemplar } from './exemplar.ts';
import { cumulative, type ExportWindow, type Instrument } from './instrument.ts';
import type {
  Buckets,
  Exemplar,
  ExponentialHistogramPoint,
  MetricData,
  MetricName,
} from './metric-messages.ts';
import { SeriesSet } from './series-set.ts';
import type { KeyValue } from './telemetry.ts';

/**
 * Eight buckets for each doubling: within a tenth of the value. From a microsecond to a thousand
 * seconds, and nothing here takes less or more, that is 240 buckets.
 */
const scale = 3;

interface ExponentialState {
  count: number;
  sum: number;
  min: number;
  max: number;
  zeroCount: number;
  readonly counts: Map<number, number>;
  /** The last one since the last export. */
  exemplar: Exemplar | undefined;
}

export class ExponentialHistogram implements Instrument {
  readonly name: MetricName;
  readonly #series = new SeriesSet<ExponentialState>(() => ({
    count: 0,
    sum: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    zeroCount: 0,
    counts: new Map(),
    exemplar: undefined,
  }));

  constructor(name: MetricName) {
    this.name = name;
  }

  get seriesCount(): number {
    return this.#series.count;
  }

  /** The value is not negative. */
  record(measurement: Measurement, attributes: readonly KeyValue[]): void {
    const { value } = measurement;
    const state = this.#series.stateOf(attributes);
    state.count++;
    state.sum += value;
    state.min = Math.min(state.min, value);
    state.max = Math.max(state.max, value);
    state.exemplar = toExemplar(measurement);
    if (value === 0) state.zeroCount++;
    else {
      const index = bucketIndex(value);
      state.counts.set(index, (state.counts.get(index) ?? 0) + 1);
    }
  }

  collect({ startUnixNs, nowUnixNs }: ExportWindow): MetricData {
    const dataPoints = this.#series.map((attributes, state): ExponentialHistogramPoint => {
      const { count, sum, min, max, zeroCount, exemplar } = state;
      state.exemplar = undefined;
      const times = { startTimeUnixNano: startUnixNs, timeUnixNano: nowUnixNs };
      const counts = { count, sum, min, max, scale, zeroCount, positive: toBuckets(state.counts) };
      return { attributes, ...times, ...counts, exemplars: exemplar ? [exemplar] : [] };
    });
    return { exponentialHistogram: { dataPoints, aggregationTemporality: cumulative } };
  }
}

/** Bucket i holds what lies above base^i, up to base^(i + 1), with base = 2^(2^-scale). */
function bucketIndex(value: number): number {
  return Math.ceil(Math.log2(value) * 2 ** scale) - 1;
}

function toBuckets(counts: ReadonlyMap<number, number>): Buckets {
  if (counts.size === 0) return { offset: 0, bucketCounts: [] };
  const offset = Math.min(...counts.keys());
  const length = Math.max(...counts.keys()) - offset + 1;
  return { offset, bucketCounts: Array.from({ length }, (_, at) => counts.get(offset + at) ?? 0) };
}
