/** Tests an order: all services work together, and faults end it at the right place. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { placeOrder } from '../../../src/commands/generate/order.ts';
import { products } from '../../../src/commands/generate/products.ts';
import { statusCode } from '../../../src/commands/generate/telemetry.ts';
import type { EmittedSpan } from '../../../src/commands/generate/visit.ts';
import { assertTrees, findVisit, hex, only, value } from './traces.ts';

const order = {
  id: 'c0ffee00-0000-4000-8000-000000000000',
  items: products.slice(0, 3),
  currency: 'EUR',
  total: 46.4,
  isGift: false,
};

function findOrder(wanted: (spans: EmittedSpan[]) => boolean): EmittedSpan[] {
  return findVisit((span, fleet) => placeOrder(span, fleet, order), wanted);
}

function has(spans: EmittedSpan[], name: string): boolean {
  return spans.some(({ span }) => span.name === name);
}

function isWhole(spans: EmittedSpan[]): boolean {
  return spans.every(({ span }) => span.status.code === statusCode.unset);
}

describe('order', () => {
  it('a whole one touches six services behind the storefront', () => {
    const spans = findOrder(isWhole);
    assertTrees(spans.map(({ span }) => span));
    assert.deepEqual([...new Set(spans.map(({ instance }) => instance.service))].sort(), [
      'catalogue',
      'checkout',
      'email',
      'inventory',
      'payment',
      'shipping',
      'storefront',
    ]);
    assert.ok(spans.length > 25, `${spans.length}`);
  });

  it('carries its total as a double and its items as a list', () => {
    const { span } = only(findOrder(isWhole), 'prepare order');
    const total = span.attributes.find(({ key }) => key === 'order.total');
    assert.deepEqual(total?.value, { doubleValue: 46.4 });
    assert.equal(JSON.stringify(value(span, 'order.item.skus')).includes('TEA-0207'), true);
    assert.equal(value(span, 'order.is_gift'), false);
  });

  it('the letter is a second trace, linked to the message', () => {
    const spans = findOrder(isWhole);
    assert.equal(new Set(spans.map(({ span }) => hex(span.traceId))).size, 2);
    const letter = only(spans, 'render letter').span;
    const producer = only(spans, 'send orders').span;
    const consumer = spans.find(({ span }) => hex(span.spanId) === hex(letter.parentSpanId));
    assert.equal(hex(consumer!.span.links[0]!.spanId), hex(producer.spanId));
  });

  it('a declined card ends it before it is announced', () => {
    const spans = findOrder((found) =>
      found.some(({ span }) => span.events.some((event) => isDeclined(event))),
    );
    assert.ok(!has(spans, 'send orders') && !has(spans, 'INSERT orders'));
    assertTrees(spans.map(({ span }) => span));
  });

  it('without stock nobody is charged', () => {
    const spans = findOrder((found) => found.some(({ span }) => isConflict(span)));
    assert.ok(!has(spans, 'shop.payment.v1.Payment/Charge'));
  });
});

function isDeclined(event: Parameters<typeof value>[0]): boolean {
  return String(value(event, 'exception.type')).includes('CardDeclined');
}

function isConflict(span: Parameters<typeof value>[0]): boolean {
  return value(span, 'http.response.status_code') === 409;
}
