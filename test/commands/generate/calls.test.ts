/** Tests what calls leave in traces: both sides, attributes of the conventions, errors. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  askCache,
  callHttp,
  callOutside,
  callRpc,
  querySql,
  receiveHttp,
} from '../../../src/commands/generate/calls.ts';
import { Fault, faultCodes } from '../../../src/commands/generate/fault.ts';
import { createFleet } from '../../../src/commands/generate/fleet.ts';
import { Random } from '../../../src/commands/generate/random.ts';
import { spanKind, statusCode } from '../../../src/commands/generate/telemetry.ts';
import { Visit } from '../../../src/commands/generate/visit.ts';
import { assertTrees, emitVisit, endUnixNs, findVisit, hex, only, value } from './traces.ts';

const stock = { method: 'GET', route: '/stock/{sku}', path: '/stock/TEA-1' } as const;

const query = {
  operation: 'SELECT',
  table: 'stock',
  text: 'SELECT quantity FROM stock WHERE sku = $1',
  rowCount: 1,
  medianMs: 1,
} as const;

function fail(kind: keyof typeof faultCodes): never {
  throw new Fault('Test', 'it broke', faultCodes[kind]);
}

describe('calls', () => {
  it('receiveHttp: the root of a trace, with the visitor', () => {
    const random = new Random(1);
    const visit = new Visit(random);
    const visitor = { address: '203.0.113.9', userAgent: 'test' };
    const request = { method: 'POST', route: '/cart', path: '/cart', query: 'a=1' } as const;
    receiveHttp(visit, createFleet(random).storefront[0]!, request, visitor, () => visit.spend(1));
    const { span } = only(visit.emit(endUnixNs), 'POST /cart');
    assert.equal(span.kind, spanKind.server);
    assert.equal(span.parentSpanId.length, 0);
    assert.equal(value(span, 'client.address'), '203.0.113.9');
    assert.equal(value(span, 'url.query'), 'a=1');
    assert.equal(value(span, 'http.response.status_code'), 200);
  });

  it('callHttp: a client span around the server span of the other service', () => {
    const spans = emitVisit(2, (span, fleet) => {
      callHttp(span, fleet.inventory[0]!, stock, () => span.visit.spend(1));
    });
    assertTrees(spans.map(({ span }) => span));
    const client = only(spans, 'GET');
    const server = only(spans, 'GET /stock/{sku}');
    assert.equal(client.instance.service, 'storefront');
    assert.equal(server.instance.service, 'inventory');
    assert.equal(hex(server.span.parentSpanId), hex(client.span.spanId));
    assert.equal(value(client.span, 'http.response.status_code'), 200);
    assert.match(String(value(client.span, 'url.full')), /^http:\/\/inventory.*\/stock\/TEA-1$/);
  });

  it('callHttp: a 5xx is an error on both sides, and thrown', () => {
    const spans = emitVisit(3, (span, fleet) => {
      const call = () => callHttp(span, fleet.inventory[0]!, stock, () => fail('unavailable'));
      assert.throws(call, (fault) => fault instanceof Fault && fault.codes.http === 503);
    });
    const client = only(spans, 'GET').span;
    const server = only(spans, 'GET /stock/{sku}').span;
    assert.equal(client.status.code, statusCode.error);
    assert.equal(server.status.code, statusCode.error);
    assert.equal(value(client, 'error.type'), '503');
    assert.deepEqual(
      server.events.map(({ name }) => name),
      ['exception'],
    );
  });

  it('callHttp: a 4xx is an error of the client only', () => {
    const spans = emitVisit(4, (span, fleet) => {
      assert.throws(() => callHttp(span, fleet.inventory[0]!, stock, () => fail('conflict')));
    });
    assert.equal(only(spans, 'GET').span.status.code, statusCode.error);
    assert.equal(only(spans, 'GET /stock/{sku}').span.status.code, statusCode.unset);
    assert.equal(value(only(spans, 'GET /stock/{sku}').span, 'http.response.status_code'), 409);
  });

  it('callRpc: both sides have the same name and the status code', () => {
    const spans = emitVisit(5, (span, fleet) => {
      callRpc(span, fleet.payment[0]!, 'shop.Payment', 'Charge', () => span.visit.spend(1));
    });
    const sides = spans.filter(({ span }) => span.name === 'shop.Payment/Charge');
    assert.deepEqual(
      sides.map(({ span }) => span.kind),
      [spanKind.client, spanKind.server],
    );
    for (const { span } of sides) {
      assert.equal(value(span, 'rpc.system'), 'grpc');
      assert.equal(value(span, 'rpc.grpc.status_code'), 0);
    }
  });

  it('callRpc: NOT_FOUND is an error of the client only, INTERNAL of both', () => {
    const statusCodes = (kind: keyof typeof faultCodes) => {
      const spans = emitVisit(6, (span, fleet) => {
        const call = () => callRpc(span, fleet.payment[0]!, 'S', 'M', () => fail(kind));
        assert.throws(call, (fault) => fault instanceof Fault && fault.kind === 'Test');
      });
      return spans.filter(({ span }) => span.name === 'S/M').map(({ span }) => span.status.code);
    };
    assert.deepEqual(statusCodes('notFound'), [statusCode.error, statusCode.unset]);
    assert.deepEqual(statusCodes('internal'), [statusCode.error, statusCode.error]);
  });

  it('callOutside: a client span alone, failing as often as asked', () => {
    const request = { method: 'POST', route: '', path: '/v1/charges' } as const;
    const spans = emitVisit(7, (span) => callOutside(span, 'api.example', request, 5, 0));
    assert.equal(spans.length, 2);
    assert.equal(value(only(spans, 'POST').span, 'server.address'), 'api.example');
    emitVisit(7, (span) => {
      assert.throws(() => callOutside(span, 'api.example', request, 5, 1), Fault);
    });
  });

  it('querySql: has the text of the query and the table', () => {
    const spans = emitVisit(8, (span) => querySql(span, query));
    const { span } = only(spans, 'SELECT stock');
    assert.equal(value(span, 'db.system.name'), 'postgresql');
    assert.equal(value(span, 'db.query.text'), query.text);
    assert.equal(value(span, 'db.response.returned_rows'), 1);
  });

  it('querySql: sometimes runs into the timeout, with an exception', () => {
    const spans = findVisit(
      (span) => querySql(span, query),
      (found) => only(found, 'SELECT stock').span.status.code === statusCode.error,
    );
    const { span } = only(spans, 'SELECT stock');
    assert.ok(span.endTimeUnixNano - span.startTimeUnixNano > 1_900_000_000n);
    assert.equal(span.events[0]?.name, 'exception');
    assert.match(String(value(span, 'error.type')), /QueryCanceled/);
  });

  it('askCache: a miss is an event of the caller', () => {
    const spans = emitVisit(9, (span) => {
      assert.equal(askCache(span, 'GET', 'product:1', 0), false);
    });
    assert.equal(value(only(spans, 'GET').span, 'db.query.text'), 'GET product:1');
    assert.deepEqual(
      only(spans, 'GET /test').span.events.map(({ name }) => name),
      ['cache.miss'],
    );
  });

  it('askCache: a closed connection is an error of the command, and a miss', () => {
    const spans = findVisit(
      (span) => askCache(span, 'GET', 'product:1', 1),
      (found) => only(found, 'GET').span.status.code === statusCode.error,
    );
    const root = only(spans, 'GET /test').span;
    assert.equal(root.status.code, statusCode.unset);
    assert.equal(root.events[0]?.name, 'cache.miss');
  });
});
