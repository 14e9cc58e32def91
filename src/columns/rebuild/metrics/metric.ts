/** Metrics. The rows of a metric are its data points; each row repeats what they have in common. */

import type { Columns } from '../column/columns.ts';
import { attributes } from '../field/attributes-field.ts';
import { EnumNames, enumeration } from '../field/enum-field.ts';
import type { Field } from '../field/field.ts';
import { Message } from '../field/message.ts';
import { bool } from '../field/number-fields.ts';
import { text } from '../field/text-fields.ts';
import type { BatchRows, GroupColumn } from '../request/batch-rows.ts';
import { type RecordWriter, recordTag, writeRecord } from '../request/signal-records.ts';
import { bytesType, type WireWriter } from '../wire/wire-writer.ts';
import {
  exponentialHistogramDataPointFields,
  histogramDataPointFields,
  numberDataPointFields,
  summaryDataPointFields,
} from './data-point.ts';

/** The field of Gauge, Sum, Histogram, ExponentialHistogram and Summary that holds data points. */
const dataPointTag = (1 << 3) | bytesType;

/** A metric of some points takes from 128 to 16,383 bytes. */
const expectedLengthBytes = 2;

const temporalityNames = ['UNSPECIFIED', 'DELTA', 'CUMULATIVE'];

/** A member of the oneof `data` of Metric. */
interface MetricData {
  readonly tag: number;
  readonly dataPoint: Message;
  /** The fields of the message other than its data points. */
  readonly ownFields: Message;
}

/** Returns the members by the names of the column `type`. */
function metricData(): Readonly<Record<string, MetricData>> {
  const temporality = enumeration(2, 'temporality', temporalityNames);
  return {
    gauge: toData(5, numberDataPointFields(), []),
    sum: toData(7, numberDataPointFields(), [temporality, bool(3, 'is_monotonic')]),
    histogram: toData(9, histogramDataPointFields(), [temporality]),
    exponential_histogram: toData(10, exponentialHistogramDataPointFields(), [temporality]),
    summary: toData(11, summaryDataPointFields(), []),
  };
}

function toData(
  number: number,
  dataPoint: readonly Field[],
  ownFields: readonly Field[],
): MetricData {
  const tag = (number << 3) | bytesType;
  return { tag, dataPoint: new Message(dataPoint), ownFields: new Message(ownFields) };
}

export class MetricWriter implements RecordWriter {
  readonly groups = ['metric_index'] as const satisfies readonly GroupColumn[];
  readonly #types: EnumNames;
  /** Members by index of the type's name. `none` is the index behind the last member. */
  readonly #data: readonly MetricData[];
  readonly #head = new Message([text(1, 'name'), text(2, 'description'), text(3, 'unit')]);
  readonly #metadata = new Message([attributes(12, 'metadata')]);

  constructor() {
    const data = metricData();
    this.#types = new EnumNames('type', [...Object.keys(data), 'none']);
    this.#data = Object.values(data);
  }

  load(columns: Columns): void {
    this.#types.load(columns);
    this.#head.load(columns);
    this.#metadata.load(columns);
    for (const { dataPoint, ownFields } of this.#data) {
      dataPoint.load(columns);
      ownFields.load(columns);
    }
  }

  write(out: WireWriter, rows: BatchRows, start: number, end: number): void {
    let first = start;
    while (first < end) {
      const metricEnd = rows.groupEnd('metric_index', first, end);
      if (rows.hasSelected(first, metricEnd)) this.#writeMetric(out, rows, first, metricEnd);
      first = metricEnd;
    }
  }

  /**
   * Writes a metric. Its first row holds what concerns the whole metric, even if that row is not
   * selected.
   */
  #writeMetric(out: WireWriter, rows: BatchRows, first: number, end: number): void {
    const extra = rows.visit(first);
    const data = this.#data[this.#types.place(first) ?? this.#data.length];
    const pointsEnd = extra.hasNoPoints === true ? first : end;
    const contentStart = out.open(recordTag, expectedLengthBytes);
    if (extra.metric === undefined) {
      this.#head.write(out, first);
      if (data !== undefined) writeData(out, data, rows, first, pointsEnd, true);
      this.#metadata.write(out, first);
    } else {
      out.writeRaw(extra.metric);
      // The kept Metric already has the member without its points. Protobuf merges this second
      // occurrence with it.
      if (data !== undefined && pointsEnd > first) {
        writeData(out, data, rows, first, pointsEnd, false);
      }
    }
    out.close(contentStart, expectedLengthBytes);
  }
}

function writeData(
  out: WireWriter,
  { tag, dataPoint, ownFields }: MetricData,
  rows: BatchRows,
  first: number,
  end: number,
  hasOwnFields: boolean,
): void {
  const contentStart = out.open(tag, expectedLengthBytes);
  for (let row = first; row < end; row++) {
    if (rows.isSelected(row)) writeRecord(out, dataPointTag, dataPoint, rows, row);
  }
  if (hasOwnFields) ownFields.write(out, first);
  out.close(contentStart, expectedLengthBytes);
}
