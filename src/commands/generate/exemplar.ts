/** A measurement that a span is the example of. */
import type { Exemplar } from './metric-messages.ts';
import type { KeyValue, Span } from './telemetry.ts';

export interface Measurement {
  readonly value: number;
  readonly span: Pick<Span, 'traceId' | 'spanId' | 'endTimeUnixNano'>;
  /** What the measurement has and its series has not. */
  readonly filteredAttributes: readonly KeyValue[];
}

export function toExemplar({ value, span, filteredAttributes }: Measurement): Exemplar {
  return {
    timeUnixNano: span.endTimeUnixNano,
    asDouble: value,
    spanId: span.spanId,
    traceId: span.traceId,
    filteredAttributes,
  };
}
