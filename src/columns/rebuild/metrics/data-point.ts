/** The fields of each kind of data point, in ascending order, with their columns. */
import { attributes } from '../field/attributes-field.ts';
import type { Field } from '../field/field.ts';
import { messages, optionalMessage } from '../field/message.ts';
import { fixed64, optionalDouble, sint32, uint32 } from '../field/number-fields.ts';
import { packedFixed64, packedUint64 } from '../field/packed-fields.ts';
import { id } from '../field/text-fields.ts';
import { valueAsDouble, valueAsInt } from './number-value.ts';

export function numberDataPointFields(): readonly Field[] {
  return [
    fixed64(2, 'start_time'),
    fixed64(3, 'time'),
    valueAsDouble(4),
    exemplars(5),
    valueAsInt(6),
    attributes(7, 'attributes'),
    uint32(8, 'flags'),
  ];
}

export function histogramDataPointFields(): readonly Field[] {
  return [
    fixed64(2, 'start_time'),
    fixed64(3, 'time'),
    fixed64(4, 'count'),
    optionalDouble(5, 'sum'),
    packedFixed64(6, 'bucket_counts'),
    packedFixed64(7, 'explicit_bounds'),
    exemplars(8),
    attributes(9, 'attributes'),
    uint32(10, 'flags'),
    optionalDouble(11, 'min'),
    optionalDouble(12, 'max'),
  ];
}

export function exponentialHistogramDataPointFields(): readonly Field[] {
  return [
    attributes(1, 'attributes'),
    fixed64(2, 'start_time'),
    fixed64(3, 'time'),
    fixed64(4, 'count'),
    optionalDouble(5, 'sum'),
    sint32(6, 'scale'),
    fixed64(7, 'zero_count'),
    buckets(8, 'positive'),
    buckets(9, 'negative'),
    uint32(10, 'flags'),
    exemplars(11),
    optionalDouble(12, 'min'),
    optionalDouble(13, 'max'),
    fixed64(14, 'zero_threshold'),
  ];
}

export function summaryDataPointFields(): readonly Field[] {
  return [
    fixed64(2, 'start_time'),
    fixed64(3, 'time'),
    fixed64(4, 'count'),
    fixed64(5, 'sum'),
    messages(6, 'quantiles', [fixed64(1, 'quantile'), fixed64(2, 'value')]),
    attributes(7, 'attributes'),
    uint32(8, 'flags'),
  ];
}

function buckets(number: number, sign: 'positive' | 'negative'): Field {
  return optionalMessage(number, `${sign}_bucket_counts`, [
    sint32(1, `${sign}_offset`),
    packedUint64(2, `${sign}_bucket_counts`),
  ]);
}

function exemplars(number: number): Field {
  return messages(number, 'exemplars', [
    fixed64(2, 'time'),
    valueAsDouble(3),
    id(4, 'span_id'),
    id(5, 'trace_id'),
    valueAsInt(6),
    attributes(7, 'attributes'),
  ]);
}
