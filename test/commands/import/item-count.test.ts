/** Tests that items are counted as the recorder counts them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { countItems } from '../../../src/commands/import/item-count.ts';
import { requestType } from '../../../src/shared/otlp-messages.ts';
import { type Signal, signals } from '../../../src/shared/signal.ts';

const folder = fileURLToPath(new URL('../../../../fixtures/requests/', import.meta.url));

// biome-ignore lint/suspicious/noExplicitAny: decoded messages are walked through freely.
type Message = any;

function countDecoded(signal: Signal, bytes: Uint8Array): number {
  const type = requestType(signal);
  const message: Message = type.toObject(type.decode(bytes));
  const groups = message.resourceSpans ?? message.resourceMetrics ?? message.resourceLogs;
  const scopes = groups.flatMap(
    (group: Message) => group.scopeSpans ?? group.scopeMetrics ?? group.scopeLogs,
  );
  return scopes.flatMap(
    (scope: Message) => scope.spans ?? scope.logRecords ?? scope.metrics.flatMap(pointsOf),
  ).length;
}

function pointsOf({ gauge, sum, histogram, exponentialHistogram, summary }: Message): Message[] {
  return (gauge ?? sum ?? histogram ?? exponentialHistogram ?? summary).dataPoints;
}

function encode(signal: Signal, message: object): Uint8Array {
  const type = requestType(signal);
  return type.encode(type.fromObject(message)).finish();
}

describe('item-count', () => {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.pb'))) {
    it(`${name}: as many as its decoded message has`, () => {
      const signal = signals.find((one) => name.includes(one))!;
      const bytes = readFileSync(`${folder}${name}`);
      assert.equal(countItems(signal, bytes), countDecoded(signal, bytes));
    });
  }

  it('a metric without points is one item', () => {
    const metrics = [
      { name: 'bare' },
      { name: 'empty', gauge: {} },
      { sum: { dataPoints: [{}, {}] } },
    ];
    const request = encode('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
    assert.equal(countItems('metrics', request), 4);
  });

  it('nothing in it, or no protobuf: none', () => {
    assert.equal(countItems('traces', Buffer.alloc(0)), 0);
    assert.equal(countItems('traces', Buffer.from([0x0a, 0xff])), 0);
    assert.equal(countItems('logs', encode('logs', { resourceLogs: [{}] })), 0);
  });
});
