/** The words of refusals. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  malformed,
  methodNotAllowed,
  noRoom,
  notFound,
  type Refusal,
  refusalOf,
  requestTooLarge,
  tooDeep,
  unsupportedEncoding,
  unsupportedType,
} from '../../src/accept/reply.ts';
import { statusFromProtobuf } from '../../src/shared/google-rpc.ts';
import { requestName } from '../../src/shared/otlp-messages.ts';
import { outcomes } from '../../src/shared/outcome.ts';
import { signals } from '../../src/shared/signal.ts';

interface Status {
  readonly code: number;
  readonly message: string;
  readonly details: readonly unknown[];
}

const refusals: Record<string, [Refusal, number, number, RegExp]> = {
  notFound: [
    notFound('/v1/profiles', signals),
    404,
    12,
    /\/v1\/profiles does not exist.*one of \/v1\/traces, \/v1\/metrics, \/v1\/logs\./,
  ],
  methodNotAllowed: [methodNotAllowed('GET'), 405, 12, /GET is not supported\. Use POST\./],
  unsupportedType: [unsupportedType('text/plain'), 415, 3, /text\/plain.*application\/json/],
  unsupportedEncoding: [
    unsupportedEncoding('br'),
    415,
    3,
    /br is not supported\. Use one of identity, gzip/,
  ],
  requestTooLarge: [requestTooLarge(67_108_864), 413, 8, /67108864 bytes \(max_request_bytes\)/],
  malformed: [malformed('traces', 'x'), 400, 3, /not a valid ExportTraceServiceRequest: x\./],
  tooDeep: [tooDeep, 400, 3, /deeper than 64 levels/],
  noRoom: [noRoom, 503, 14, /max_inflight_bytes/],
  laneMalformed: [refusalOf('malformed', 'logs'), 400, 3, /valid ExportLogsServiceRequest: it/],
  laneMisplaced: [
    refusalOf({ kind: 'malformed', misplacedField: (10 << 5) | 7, belongsTo: 'metrics' }, 'traces'),
    400,
    3,
    /its field Span\.start_time_unix_nano .*ExportMetricsServiceRequest.* \/v1\/metrics or, over gRPC/,
  ],
  laneTooDeep: [refusalOf('too_deep', 'traces'), 400, 3, /64 levels/],
  laneTooLarge: [refusalOf('too_large', 'traces'), 413, 8, /batch\.max_bytes.*smaller batches/],
  laneUnavailable: [refusalOf('unavailable', 'traces'), 503, 14, /Send the request again/],
};

describe('reply', () => {
  for (const [name, [refusal, httpStatus, grpcCode, words]] of Object.entries(refusals)) {
    it(`${name}: ${httpStatus} and ${grpcCode}, with a sentence`, () => {
      assert.equal(refusal.httpStatus, httpStatus);
      assert.equal(refusal.grpcCode, grpcCode);
      assert.match(refusal.message, words);
      assert.match(refusal.message, /^[A-Z].*\.$/);
    });

    it(`${name}: has the same status in protobuf and JSON`, () => {
      const fromProtobuf = statusFromProtobuf(refusal.protobuf);
      const fromJson = JSON.parse(refusal.json.toString()) as Status;
      for (const status of [fromProtobuf, fromJson]) {
        assert.equal(status.code, grpcCode);
        assert.equal(status.message, refusal.message);
      }
      assert.equal(fromProtobuf.retryDelayMs, grpcCode === 14 ? 1000 : undefined);
      assert.equal(fromJson.details.length, grpcCode === 14 ? 2 : 1, 'ErrorInfo, RetryInfo');
      assert.deepEqual(fromJson.details[0], {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        ...{ reason: refusal.code, domain: 'otlp-archer' },
      });
      assert.ok(refusal.protobuf.includes(refusal.code));
      assert.equal(refusal.httpHeaders.includes('retry-after'), httpStatus === 503);
    });
  }

  for (const signal of signals) {
    it(`refusalOf: has a refusal for every outcome except accepted, for ${signal}`, () => {
      for (const outcome of outcomes) {
        if (outcome !== 'accepted') assert.ok(refusalOf(outcome, signal).httpStatus >= 400);
      }
      assert.match(refusalOf('malformed', signal).message, new RegExp(requestName(signal)));
    });
  }

  it('echo: long text of the sender is cut, so that replies stay small', () => {
    for (const refusal of [notFound('/x'.repeat(9_000), []), unsupportedType('t'.repeat(9_000))]) {
      assert.ok(refusal.protobuf.length < 500);
      assert.match(refusal.message, /…/);
    }
  });
});
