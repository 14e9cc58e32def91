/** The messages of OTLP by number, and which of their fields the columns know. */

/*
 * A field is known by its number. If a known field has another wire type than its own, the message
 * is probably of another type: metrics that were sent to the path of traces, for example. The bits
 * of a message are those of its known field numbers. `src/shared/misplaced-field.ts` has the names
 * of these messages in the same order.
 */

export const requestMessage: u32 = 1;
export const resourceGroupMessage: u32 = 2;
export const scopeGroupMessage: u32 = 3;
export const resourceMessage: u32 = 4;
export const scopeMessage: u32 = 5;
export const keyValueMessage: u32 = 6;
export const anyValueMessage: u32 = 7;
export const arrayMessage: u32 = 8;
export const listMessage: u32 = 9;
export const spanMessage: u32 = 10;
export const spanEventMessage: u32 = 11;
export const spanLinkMessage: u32 = 12;
export const statusMessage: u32 = 13;
export const logRecordMessage: u32 = 14;
export const metricMessage: u32 = 15;
export const gaugeMessage: u32 = 16;
export const sumMessage: u32 = 17;
export const histogramMessage: u32 = 18;
export const exponentialHistogramMessage: u32 = 19;
export const summaryMessage: u32 = 20;
export const numberPointMessage: u32 = 21;
export const histogramPointMessage: u32 = 22;
export const exponentialPointMessage: u32 = 23;
export const bucketsMessage: u32 = 24;
export const summaryPointMessage: u32 = 25;
export const quantileMessage: u32 = 26;
export const exemplarMessage: u32 = 27;

/** By message number; bit n belongs to field n. */
const knownFields: StaticArray<u32> = [
  0,
  0b10, // request: 1
  0b1110, // resource group: 1 to 3
  0b1110, // scope group: 1 to 3
  0b110, // Resource: 1, 2
  0b11110, // InstrumentationScope: 1 to 4
  0b110, // KeyValue: 1, 2
  0b1_1111_1110, // AnyValue: 1 to 8
  0b10, // ArrayValue: 1
  0b10, // KeyValueList: 1
  0b1_1111_1111_1111_1110, // Span: 1 to 16
  0b11110, // Span.Event: 1 to 4
  0b111_1110, // Span.Link: 1 to 6
  0b1100, // Status: 2, 3
  0b1_1111_1110_1110, // LogRecord: 1 to 3, 5 to 12
  0b1_1110_1010_1110, // Metric: 1 to 3, 5, 7, 9 to 12
  0b10, // Gauge: 1
  0b1110, // Sum: 1 to 3
  0b110, // Histogram: 1, 2
  0b110, // ExponentialHistogram: 1, 2
  0b10, // Summary: 1
  0b1_1111_1100, // NumberDataPoint: 2 to 8
  0b1_1111_1111_1100, // HistogramDataPoint: 2 to 12
  0b111_1111_1111_1110, // ExponentialHistogramDataPoint: 1 to 14
  0b110, // Buckets: 1, 2
  0b1_1111_1100, // SummaryDataPoint: 2 to 8
  0b110, // ValueAtQuantile: 1, 2
  0b1111_1100, // Exemplar: 2 to 7
];

/** True if the columns know the field of the message. */
export function isKnownField(message: u32, field: u32): bool {
  return field < 32 && ((knownFields[message] >>> field) & 1) !== 0;
}
