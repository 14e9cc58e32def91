/** Measurements of a span that is always the same; for tests of instruments. */
import type { Measurement } from '../../../src/commands/generate/exemplar.ts';
import { endUnixNs } from './traces.ts';

export function measure(value: number): Measurement {
  const traceId = new Uint8Array(16).fill(1);
  const spanId = new Uint8Array(8).fill(2);
  const span = { traceId, spanId, endTimeUnixNano: endUnixNs };
  return { value, span, filteredAttributes: [] };
}
