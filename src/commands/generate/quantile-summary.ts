/** An instrument of old: quantiles that the process itself has worked out. */
import type { ExportWindow, Instrument } from './instrument.ts';
import type { MetricData, MetricName, SummaryPoint } from './metric-messages.ts';
import { SeriesSet } from './series-set.ts';
import type { KeyValue } from './telemetry.ts';

/** The quantiles are those of so many last values. */
const keptValuesMax = 500;

const quantiles = [0.5, 0.9, 0.99] as const;

interface SummaryState {
  count: number;
  sum: number;
  readonly lastValues: number[];
}

export class QuantileSummary implements Instrument {
  readonly name: MetricName;
  readonly #series = new SeriesSet<SummaryState>(() => ({ count: 0, sum: 0, lastValues: [] }));

  constructor(name: MetricName) {
    this.name = name;
  }

  get seriesCount(): number {
    return this.#series.count;
  }

  record(value: number, attributes: readonly KeyValue[]): void {
    const state = this.#series.stateOf(attributes);
    state.lastValues[state.count % keptValuesMax] = value;
    state.count++;
    state.sum += value;
  }

  collect({ startUnixNs, nowUnixNs }: ExportWindow): MetricData {
    const dataPoints = this.#series.map((attributes, state): SummaryPoint => {
      const { count, sum } = state;
      const sorted = state.lastValues.toSorted((a, b) => a - b);
      const quantileValues = quantiles.map((quantile) => {
        return { quantile, value: sorted[Math.floor(quantile * sorted.length)] ?? 0 };
      });
      const times = { startTimeUnixNano: startUnixNs, timeUnixNano: nowUnixNs };
      return { attributes, ...times, count, sum, quantileValues };
    });
    return { summary: { dataPoints } };
  }
}
