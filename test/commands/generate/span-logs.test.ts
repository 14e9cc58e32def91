/** Tests what the services write: severities, bodies, events, and the span they belong to. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LogRecord } from '../../../src/commands/generate/log-messages.ts';
import { Random } from '../../../src/commands/generate/random.ts';
import { openShop } from '../../../src/commands/generate/shop.ts';
import { logsOfSpan, startLog } from '../../../src/commands/generate/span-logs.ts';
import { endUnixNs, hex } from './traces.ts';

const shop = openShop(new Random(1));
const spans = Array.from({ length: 2000 }, () => shop.visit().emit(endUnixNs)).flat();
const logs = spans.flatMap(logsOfSpan).map(({ record }) => record);

function bodyText({ body }: LogRecord): string {
  return 'stringValue' in body ? body.stringValue : '';
}

describe('span-logs', () => {
  it('logsOfSpan: each belongs to its span, within the span, sampled', () => {
    for (const emitted of spans.slice(0, 2000)) {
      const { span, instance } = emitted;
      for (const log of logsOfSpan(emitted)) {
        assert.equal(log.instance, instance);
        const { traceId, spanId, flags, timeUnixNano, observedTimeUnixNano } = log.record;
        assert.deepEqual(
          [hex(traceId), hex(spanId), flags],
          [hex(span.traceId), hex(span.spanId), 1],
        );
        assert.ok(timeUnixNano >= span.startTimeUnixNano && timeUnixNano <= span.endTimeUnixNano);
        assert.ok(observedTimeUnixNano > timeUnixNano);
      }
    }
  });

  it('severities: most is information, some of it trouble, each with its number', () => {
    const counts: Record<string, number> = {};
    for (const { severityText } of logs) counts[severityText] = (counts[severityText] ?? 0) + 1;
    assert.deepEqual(Object.keys(counts).sort(), ['DEBUG', 'ERROR', 'INFO', 'WARN']);
    assert.ok(counts.INFO! > logs.length / 3, JSON.stringify(counts));
    assert.ok(counts.ERROR! < logs.length / 5, JSON.stringify(counts));
    const numbers = new Set(logs.map((log) => `${log.severityText} ${log.severityNumber}`));
    assert.deepEqual([...numbers].sort(), ['DEBUG 5', 'ERROR 17', 'INFO 9', 'WARN 13']);
  });

  it('requests: one line each, with method, path and status', () => {
    const lines = logs.map(bodyText).filter((text) => / \d+ [\d.]+ ms$/.test(text));
    const served = spans.filter(({ span, scope, instance }) => {
      return span.kind === 2 && scope === instance.scopes.http;
    });
    assert.equal(lines.length, served.length);
    assert.ok(lines.some((line) => /^GET \/products\/\S+ 200 /.test(line)));
  });

  it('events: an order has a structured body, an exception its attributes', () => {
    const order = logs.find(({ eventName }) => eventName === 'order.placed');
    assert.ok(order !== undefined && 'kvlistValue' in order.body);
    const keys = order.body.kvlistValue.values.map(({ key }) => key);
    assert.deepEqual(keys, ['id', 'item.count', 'item.skus', 'currency', 'total', 'is_gift']);
    const exception = logs.find(({ eventName }) => eventName === 'exception');
    assert.ok(exception?.attributes.some(({ key }) => key === 'exception.stacktrace'));
    assert.equal(exception?.severityText, 'ERROR');
    assert.notEqual(bodyText(exception), '');
  });

  it('startLog: no span, and a structured body', () => {
    const { record } = startLog(shop.fleet.payment[0]!, endUnixNs);
    assert.deepEqual([record.traceId.length, record.spanId.length, record.flags], [0, 0, 0]);
    assert.ok('kvlistValue' in record.body);
    assert.equal(record.eventName, 'service.started');
  });
});
