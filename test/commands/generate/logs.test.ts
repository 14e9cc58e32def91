/** Tests the log records: text from attributes, exceptions and events. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { itemsOf, readTraffic } from './open-traffic.ts';

const logs = itemsOf(readTraffic({ seed: 2, spansTotal: 20_000 }), 'logs');

describe('logs', () => {
  it('an HTTP server logs each request', () => {
    const texts = logs.map(({ body }) => body.stringValue).filter((text) => text?.includes(' ms'));
    assert.ok(texts.length > 1000);
    for (const text of texts) assert.match(text, /^(GET|POST) \/\S* \d{3} \d+\.\d ms$/);
  });

  it('severities: INFO, WARN for what the caller did wrong, ERROR', () => {
    const severities = new Map(logs.map((log) => [log.severityText, log.severityNumber]));
    assert.deepEqual([...severities].sort(), [
      ['ERROR', 17],
      ['INFO', 9],
      ['WARN', 13],
    ]);
  });

  it('events: an order that was placed', () => {
    const placed = logs.filter(({ eventName }) => eventName === 'order.placed');
    assert.ok(placed.length > 10);
    assert.match(placed[0].body.stringValue, /^placed an order of \d+ cents, [A-Z]{3}$/);
    const keys = placed[0].attributes.map(({ key }: { key: string }) => key);
    assert.deepEqual(keys.sort(), ['order.currency', 'order.id', 'order.skus', 'order.total']);
  });
});
