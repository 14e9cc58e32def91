/** Tests that an exemplar leads to its span. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toExemplar } from '../../../src/commands/generate/exemplar.ts';
import { toKeyValues } from '../../../src/commands/generate/telemetry.ts';

describe('exemplar', () => {
  it('toExemplar: the ids and the end of the span, and what the series left out', () => {
    const span = {
      traceId: new Uint8Array(16).fill(1),
      spanId: new Uint8Array(8).fill(2),
      endTimeUnixNano: 7n,
    };
    const filteredAttributes = toKeyValues({ path: '/a' });
    assert.deepEqual(toExemplar({ value: 0.5, span, filteredAttributes }), {
      timeUnixNano: 7n,
      asDouble: 0.5,
      spanId: span.spanId,
      traceId: span.traceId,
      filteredAttributes,
    });
  });
});
