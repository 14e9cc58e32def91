/** What measures: the port of all instruments, and those that keep one number for each series. */
import type { MetricData, MetricName, NumberPoint } from './metric-messages.ts';
import { SeriesSet } from './series-set.ts';
import type { KeyValue } from './telemetry.ts';

/** Since when the process counts, and the moment of an export. */
export interface ExportWindow {
  readonly startUnixNs: bigint;
  readonly nowUnixNs: bigint;
}

export interface Instrument {
  readonly name: MetricName;
  /** The points of an export: one for each series. */
  readonly seriesCount: number;
  collect(window: ExportWindow): MetricData;
}

/** AGGREGATION_TEMPORALITY_CUMULATIVE. */
export const cumulative = 2;

export type NumberType = 'int' | 'double';

interface NumberState {
  value: number;
}

abstract class NumberInstrument implements Instrument {
  readonly name: MetricName;
  readonly #type: NumberType;
  readonly #series = new SeriesSet<NumberState>(() => ({ value: 0 }));

  constructor(name: MetricName, type: NumberType) {
    this.name = name;
    this.#type = type;
  }

  get seriesCount(): number {
    return this.#series.count;
  }

  abstract collect(window: ExportWindow): MetricData;

  protected stateOf(attributes: readonly KeyValue[]): NumberState {
    return this.#series.stateOf(attributes);
  }

  protected points(times: Pick<NumberPoint, 'startTimeUnixNano' | 'timeUnixNano'>): NumberPoint[] {
    return this.#series.map((attributes, { value }) => ({
      attributes,
      ...times,
      ...(this.#type === 'int' ? { asInt: value } : { asDouble: value }),
    }));
  }
}

/** A sum over all time: of what only grows, or of what comes and goes. */
export class Sum extends NumberInstrument {
  readonly #isMonotonic: boolean;

  constructor(name: MetricName, type: NumberType, isMonotonic: boolean) {
    super(name, type);
    this.#isMonotonic = isMonotonic;
  }

  add(value: number, attributes: readonly KeyValue[]): void {
    this.stateOf(attributes).value += value;
  }

  collect({ startUnixNs, nowUnixNs }: ExportWindow): MetricData {
    const dataPoints = this.points({ startTimeUnixNano: startUnixNs, timeUnixNano: nowUnixNs });
    const isMonotonic = this.#isMonotonic;
    return { sum: { dataPoints, aggregationTemporality: cumulative, isMonotonic } };
  }
}

/** The value that was seen last. */
export class Gauge extends NumberInstrument {
  set(value: number, attributes: readonly KeyValue[]): void {
    this.stateOf(attributes).value = value;
  }

  collect({ nowUnixNs }: ExportWindow): MetricData {
    return { gauge: { dataPoints: this.points({ timeUnixNano: nowUnixNs }) } };
  }
}
