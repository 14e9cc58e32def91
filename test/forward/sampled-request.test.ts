/** Removing records of unsampled traces, compared with the same in protobufjs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sampleRequest } from '../../src/forward/sampled-request.ts';
import { requestType } from '../../src/shared/otlp-messages.ts';
import type { Signal } from '../../src/shared/signal.ts';

const kept = Buffer.alloc(16, 1);
const dropped = Buffer.alloc(16, 2);
const keep = (traceId: Uint8Array) => traceId[0] === 1;

function encode(signal: Signal, message: object): Uint8Array {
  const type = requestType(signal);
  return type.encode(type.fromObject(message)).finish();
}

function spans(...ids: readonly Uint8Array[]): object {
  return { scope: { name: 'a' }, spans: ids.map((traceId) => ({ traceId, name: 'x' })) };
}

describe('sampleRequest', () => {
  it('spans: unsampled spans and empty groups are removed', () => {
    const resource = { attributes: [{ key: 'k', value: { stringValue: 'v' } }] };
    const bytes = encode('traces', {
      resourceSpans: [
        { resource, scopeSpans: [spans(kept, dropped, kept), spans(dropped)], schemaUrl: 's' },
        { resource, scopeSpans: [spans(dropped)] },
      ],
    });
    const expected = encode('traces', {
      resourceSpans: [{ resource, scopeSpans: [spans(kept, kept)], schemaUrl: 's' }],
    });
    const sampled = sampleRequest('traces', bytes, keep);
    assert.ok(sampled.bytes !== undefined && Buffer.from(expected).equals(sampled.bytes));
    assert.deepEqual([sampled.keptCount, sampled.droppedCount], [2, 3]);
  });

  it('nothing removed: the same bytes, not copied', () => {
    const bytes = encode('traces', { resourceSpans: [{ scopeSpans: [spans(kept)] }] });
    assert.equal(sampleRequest('traces', bytes, keep).bytes, bytes);
  });

  it('nothing kept: undefined', () => {
    const bytes = encode('traces', { resourceSpans: [{ scopeSpans: [spans(dropped)] }] });
    const sampled = sampleRequest('traces', bytes, keep);
    assert.deepEqual(sampled, { bytes: undefined, keptCount: 0, droppedCount: 1 });
  });

  it('log records: records without a trace are kept', () => {
    const logRecords = [{ traceId: dropped }, { severityText: 'INFO' }, { traceId: kept }];
    const bytes = encode('logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
    const expected = encode('logs', {
      resourceLogs: [{ scopeLogs: [{ logRecords: logRecords.slice(1) }] }],
    });
    const sampled = sampleRequest('logs', bytes, keep);
    assert.ok(sampled.bytes !== undefined && Buffer.from(expected).equals(sampled.bytes));
  });

  it('metrics: all are kept', () => {
    const bytes = encode('metrics', { resourceMetrics: [{ schemaUrl: 's' }] });
    assert.equal(sampleRequest('metrics', bytes, () => false).bytes, bytes);
  });

  it('the trace state: is passed to the sampler', () => {
    const states: string[] = [];
    const span = { traceId: kept, traceState: 'ot=rv:00000000000001' };
    const bytes = encode('traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
    sampleRequest('traces', bytes, (_traceId, traceState) => states.push(traceState) > 0);
    assert.deepEqual(states, ['ot=rv:00000000000001']);
  });

  it('unknown fields: are kept in place', () => {
    const unknown = Buffer.from([0xa8, 0x46, 0x07]);
    const group = encode('traces', { resourceSpans: [{ scopeSpans: [spans(kept, dropped)] }] });
    const expected = encode('traces', { resourceSpans: [{ scopeSpans: [spans(kept)] }] });
    const sampled = sampleRequest('traces', Buffer.concat([unknown, group, unknown]), keep);
    const wanted = Buffer.concat([unknown, expected, unknown]);
    assert.ok(sampled.bytes !== undefined && wanted.equals(sampled.bytes));
  });
});
