/** Decisions from the head of a request. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planRequest, type RequestHead } from '../../../src/accept/http/request-plan.ts';

const rules = { signals: ['traces'], requestBytesMax: 1_000 } as const;

function plan(head: Partial<RequestHead>) {
  const headers = { 'content-type': 'application/x-protobuf', ...head.headers };
  return planRequest({ method: 'POST', url: '/v1/traces', ...head, headers }, rules);
}

function statusOf(head: Partial<RequestHead>): number {
  const planned = plan(head);
  return planned.kind === 'read' ? 200 : planned.refusal.httpStatus;
}

describe('request-plan', () => {
  it('content-type: by media type, in any case, without parameters', () => {
    const protobuf = [
      'application/x-protobuf',
      'Application/X-Protobuf; x=y',
      'application/protobuf',
    ];
    const json = ['application/json', 'APPLICATION/JSON', 'application/json; charset=utf-8 '];
    for (const contentType of protobuf) {
      assert.equal(plan({ headers: { 'content-type': contentType } }).format, 'protobuf');
    }
    for (const contentType of json) {
      const planned = plan({ headers: { 'content-type': contentType } });
      assert.ok(planned.kind === 'read' && planned.format === 'json', contentType);
    }
  });

  it('content-type: others and none are 415, with a JSON body', () => {
    const others = ['text/plain', 'application/json+x', ''];
    for (const contentType of others) {
      const planned = plan({ headers: { 'content-type': contentType } });
      assert.ok(planned.kind === 'refuse' && planned.refusal.httpStatus === 415, contentType);
      assert.equal(planned.format, 'json');
    }
    const none = planRequest({ method: 'POST', url: '/v1/traces', headers: {} }, rules);
    assert.ok(none.kind === 'refuse' && /\(none\)/.test(none.refusal.message));
  });

  it('content-encoding: known ones are read, others are 415', () => {
    const whole = { '': 'identity', identity: 'identity' };
    const encodings = {
      ...whole,
      gzip: 'gzip',
      ' GZip ': 'gzip',
      'x-gzip': 'gzip',
      deflate: 'deflate',
      zstd: 'zstd',
    };
    for (const [header, encoding] of Object.entries(encodings)) {
      const planned = plan({ headers: { 'content-encoding': header } });
      assert.ok(planned.kind === 'read' && planned.encoding === encoding, header);
    }
    for (const header of ['br', 'gzip, gzip', 'compress']) {
      assert.equal(statusOf({ headers: { 'content-encoding': header } }), 415, header);
    }
  });

  it('content-length: the limit passes, more is 413', () => {
    assert.equal(statusOf({ headers: { 'content-length': '1000' } }), 200);
    assert.equal(statusOf({ headers: { 'content-length': '1001' } }), 413);
    assert.equal(statusOf({ headers: { 'content-length': '99999999999999999999' } }), 413);
  });

  it('path: a query, a trailing slash and the whole URL are accepted', () => {
    const paths = ['/v1/traces?token=1', '/v1/traces/', '/v1/traces/?a=/b/'];
    const urls = ['http://localhost:4318/v1/traces', 'HTTPS://shop.example/v1/traces/?x'];
    for (const url of [...paths, ...urls]) assert.equal(statusOf({ url }), 200, url);
  });

  it('path: everything else is 404', () => {
    const urls = ['/', '//', '/V1/traces', '/v1/metrics', '/v1/logs', '*', '', '/v1/traces//'];
    for (const url of [...urls, 'http://v1/traces', '/http://x/v1/traces']) {
      assert.equal(statusOf({ url }), 404, url);
    }
  });

  it('path: a signal that is listed is read', () => {
    const all = { signals: ['traces', 'metrics', 'logs'], requestBytesMax: 1 } as const;
    for (const signal of all.signals) {
      const headers = { 'content-type': 'application/json' };
      const planned = planRequest({ method: 'POST', url: `/v1/${signal}`, headers }, all);
      assert.ok(planned.kind === 'read' && planned.signal === signal);
    }
  });

  it('method: others than POST are 405', () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'OPTIONS']) {
      assert.equal(statusOf({ method }), 405);
    }
  });

  it('refuse: names the signal of a known path only', () => {
    assert.equal(plan({ method: 'GET' }).signal, 'traces');
    assert.equal(plan({ url: '/v1/logs' }).signal, undefined);
  });
});
