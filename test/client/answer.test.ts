/** Tests that each status and code has the meaning that the specification's tables give it. */
import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { describe, it } from 'node:test';
import { Metadata, status } from '@grpc/grpc-js';
import {
  type Failure,
  judgeGrpcFailure,
  judgeHttpFailure,
  noAnswer,
} from '../../src/client/answer.ts';
import { rpcStatus } from './rpc-status.ts';

const nowMs = Date.UTC(2026, 0, 1);
const dayMs = 86_400_000;

function judgeHttp(
  statusCode: number,
  headers: IncomingHttpHeaders = {},
  body: string | Uint8Array = '',
): Failure {
  return judgeHttpFailure({ statusCode, headers, body: Buffer.from(body) }, nowMs);
}

function judgeGrpc(code: status, statusDetails?: Uint8Array): Failure {
  const metadata = new Metadata();
  if (statusDetails) metadata.set('grpc-status-details-bin', Buffer.from(statusDetails));
  return judgeGrpcFailure({ code, details: 'no', metadata });
}

function waitMs(failure: Failure): number {
  return failure.verdict === 'unavailable' ? failure.retryAfterMs : -1;
}

describe('answer over HTTP', () => {
  it('429, 502, 503, 504: to be sent again; every other status is a refusal', () => {
    const retryable: number[] = [];
    for (let code = 100; code < 600; code++) {
      if (code !== 200 && judgeHttp(code).verdict === 'unavailable') retryable.push(code);
    }
    assert.deepEqual(retryable, [429, 502, 503, 504]);
  });

  it('401, 403, 404 and redirects: nothing sent there would fare better', () => {
    const misdirected: number[] = [];
    for (let code = 201; code < 600; code++) {
      const answer = judgeHttp(code);
      if (answer.verdict === 'refused' && answer.isMisdirected) misdirected.push(code);
    }
    const redirects = Array.from({ length: 100 }, (_, index) => 300 + index);
    assert.deepEqual(misdirected, [...redirects, 401, 403, 404]);
    assert.match(judgeHttp(307).message, /^HTTP 307 redirects are not followed$/);
  });

  it('the message of the status is read in either encoding, or the first line of a text', () => {
    const expected = { verdict: 'refused', message: 'HTTP 400 no span', isMisdirected: false };
    const protobufType = { 'content-type': 'application/x-protobuf' };
    const jsonType = { 'content-type': 'Application/JSON; charset=utf-8' };
    assert.deepEqual(judgeHttp(400, protobufType, rpcStatus('no span')), expected);
    assert.deepEqual(judgeHttp(400, jsonType, '{"code":3,"message":"no span"}'), expected);
    assert.deepEqual(judgeHttp(400, {}, 'no span\nat all'), expected);
    assert.deepEqual(judgeHttp(400, jsonType, 'no span\nat all'), expected);
    assert.equal(judgeHttp(500, {}, 'x'.repeat(5_000)).message.length, 'HTTP 500 '.length + 200);
  });

  it('a message of several lines, or with control characters: one line of text', () => {
    const jsonType = { 'content-type': 'application/json' };
    const body = JSON.stringify({ message: 'no\n\u001b[31mspan' });
    assert.equal(judgeHttp(400, jsonType, body).message, 'HTTP 400 no [31mspan');
  });

  it('Retry-After: seconds or a date, never below nothing and never beyond a day', () => {
    const waits: Record<string, number> = {
      '3': 3_000,
      ' 7 ': 7_000,
      'Thu, 01 Jan 2026 00:00:05 GMT': 5_000,
      'Wed, 31 Dec 2025 23:59:00 GMT': 0,
      'Fri, 01 Jan 2100 00:00:00 GMT': dayMs,
      '99999999999999999999': dayMs,
      '-3': 0,
      '1.5': 0,
      soon: 0,
      '': 0,
    };
    for (const [text, expected] of Object.entries(waits)) {
      assert.equal(waitMs(judgeHttp(503, { 'retry-after': text })), expected, text);
    }
    assert.equal(waitMs(judgeHttp(429)), 0);
  });
});

describe('answer over gRPC', () => {
  const codes = Object.values(status).filter((code) => typeof code === 'number');

  it('which codes are to be sent again', () => {
    const retryable = codes.filter((code) => judgeGrpc(code).verdict === 'unavailable');
    const expected = ['CANCELLED', 'DEADLINE_EXCEEDED', 'ABORTED', 'OUT_OF_RANGE'];
    const names = [...expected, 'UNAVAILABLE', 'DATA_LOSS'];
    assert.deepEqual(
      retryable.map((code) => status[code]),
      names,
    );
    assert.equal(judgeGrpc(status.INTERNAL).message, 'gRPC INTERNAL no');
  });

  it('a wrong address or wrong credentials: nothing sent there would fare better', () => {
    const misdirected = codes.filter((code) => {
      const answer = judgeGrpc(code);
      return answer.verdict === 'refused' && answer.isMisdirected;
    });
    const names = misdirected.map((code) => status[code]);
    assert.deepEqual(names, ['PERMISSION_DENIED', 'UNIMPLEMENTED', 'UNAUTHENTICATED']);
  });

  it('RetryInfo: says how long to wait, never beyond a day', () => {
    assert.equal(waitMs(judgeGrpc(status.UNAVAILABLE, rpcStatus('full', 2))), 2_500);
    assert.equal(waitMs(judgeGrpc(status.UNAVAILABLE, rpcStatus('full', -9))), 0);
    assert.equal(waitMs(judgeGrpc(status.UNAVAILABLE, rpcStatus('full', 1e12))), dayMs);
    assert.equal(waitMs(judgeGrpc(status.UNAVAILABLE)), 0);
  });

  it('RESOURCE_EXHAUSTED: refused, but with a RetryInfo to be sent again', () => {
    const code = status.RESOURCE_EXHAUSTED;
    assert.equal(judgeGrpc(code).verdict, 'refused');
    assert.equal(judgeGrpc(code, rpcStatus('full')).verdict, 'refused');
    assert.equal(judgeGrpc(code, Buffer.from([0x1a, 0xff])).verdict, 'refused');
    assert.equal(judgeGrpc(code, rpcStatus('full', 1)).verdict, 'unavailable');
  });
});

describe('answer', () => {
  it('none: to be sent again, and says why', () => {
    const expected = { verdict: 'unavailable', retryAfterMs: 0 };
    assert.deepEqual(noAnswer('timed out'), { ...expected, message: 'timed out' });
    assert.deepEqual(noAnswer(new Error('gone')), { ...expected, message: 'gone' });
    const nameless = Object.assign(new Error(''), { code: 'ECONNREFUSED' });
    assert.deepEqual(noAnswer(nameless), { ...expected, message: 'ECONNREFUSED' });
    assert.deepEqual(noAnswer(new AggregateError([])), { ...expected, message: 'AggregateError' });
  });
});
