/** Metrics built by hand, from the fields of their messages. */
import { type Bytes, field, join, message } from './wire-writer.ts';

/** The fields of Metric's `data`, by the text of column `type`. */
export const dataFields = {
  gauge: 5,
  sum: 7,
  histogram: 9,
  exponential_histogram: 10,
  summary: 11,
} as const;

export type MetricType = keyof typeof dataFields;

export const metricTypes = Object.keys(dataFields) as readonly MetricType[];

/** A member of `data` from its fields. */
export function data(type: MetricType, ...fields: readonly Uint8Array[]): Bytes {
  return message(dataFields[type], ...fields);
}

/** A member of `data` with points of these contents. */
export function points(type: MetricType, ...contents: readonly Uint8Array[]): Bytes {
  return data(type, ...contents.map((content) => field(1, content)));
}

/** The content of a packed field. */
export function packed(...numbers: readonly (bigint | number)[]): Bytes {
  const parts = numbers.map((number) => {
    const bytes = Buffer.alloc(8);
    if (typeof number === 'bigint') bytes.writeBigUInt64LE(number);
    else bytes.writeDoubleLE(number);
    return bytes;
  });
  return join(...parts);
}
