/** Tests what a visit leaves behind: spans of several services, errors, events and links. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attributeOf, hex, itemsOf, readTraffic } from './open-traffic.ts';

const spans = itemsOf(readTraffic({ seed: 2, spansTotal: 20_000 }), 'traces');
const byId = new Map(spans.map((span) => [hex(span.spanId), span]));

function named(name: string) {
  return spans.filter((span) => span.name === name);
}

describe('visit', () => {
  it('a call between services: a client span, and the server span below it', () => {
    const servers = named('payment/Charge').filter(({ kind }) => kind === 2);
    assert.ok(servers.length > 10);
    for (const server of servers) {
      const client = byId.get(hex(server.parentSpanId));
      assert.deepEqual([client.name, client.kind], ['payment/Charge', 3]);
      assert.ok(client.endTimeUnixNano >= server.endTimeUnixNano);
    }
  });

  it('facts: the spans of a visit agree on them', () => {
    const ids = named('checkout/PlaceOrder').map((span) => {
      return [hex(span.traceId), attributeOf(span, 'order.id')] as const;
    });
    const orderOfTrace = new Map(ids.filter(([, id]) => id !== undefined));
    const charges = named('payment/Charge').filter(({ kind }) => kind === 2);
    for (const charge of charges) {
      assert.equal(attributeOf(charge, 'order.id'), orderOfTrace.get(hex(charge.traceId)));
    }
  });

  it('text: names of facts are replaced', () => {
    const text = JSON.stringify(spans.map(({ attributes }) => attributes));
    assert.match(text, /"\/products\/[A-Z]{3}-\d{4}"/);
    assert.deepEqual(
      text.match(/\{(?!sku\})[a-z][a-z._]*\}/g) ?? [],
      [],
      'no name is left but that of a route',
    );
  });

  it('faults: an exception event, and errors up to the first server that answers', () => {
    const declined = spans.filter(({ events }) => {
      return events.some(
        (event: object) => attributeOf(event, 'exception.type') === 'CardDeclined',
      );
    });
    assert.ok(declined.length > 5);
    for (const server of declined) {
      assert.equal(server.name, 'payment/Charge');
      assert.equal(server.status.code, undefined, 'a decline is not the error of the server');
      const client = byId.get(hex(server.parentSpanId));
      assert.deepEqual(client.status, { code: 2, message: 'insufficient funds' });
      assert.equal(attributeOf(client, 'rpc.grpc.status_code'), 9);
    }
  });

  it('consumers: traces of their own, linked to their producers', () => {
    const consumers = [...named('process shipments'), ...named('process letters')];
    assert.ok(consumers.length > 20);
    for (const span of consumers) {
      const producer = byId.get(hex(span.links[0].spanId));
      assert.equal(producer.name, 'send orders');
      assert.notEqual(hex(producer.traceId), hex(span.traceId));
    }
  });
});
