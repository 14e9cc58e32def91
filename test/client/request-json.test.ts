/** Tests that a request in JSON equals the original, for requests of SDKs and for unusual ones. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { otlpFromJson } from '../../src/accept/json/otlp-json.ts';
import { requestToJson } from '../../src/client/request-json.ts';
import { requestType } from '../../src/shared/otlp-messages.ts';
import { type Signal, signals } from '../../src/shared/signal.ts';
import { canonicalRequest } from '../columns/canonical-request.ts';

const folder = fileURLToPath(new URL('../../../fixtures/requests/', import.meta.url));

function backFromJson(signal: Signal, text: string): Uint8Array {
  const request = otlpFromJson(signal, Buffer.from(text));
  assert.equal(request.kind, 'message', JSON.stringify(request));
  return request.kind === 'message' ? request.bytes : Buffer.alloc(0);
}

describe('request-json', () => {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.pb'))) {
    it(`${name}: read back it is the same request`, () => {
      const signal = signals.find((one) => name.includes(one))!;
      const bytes = readFileSync(join(folder, name));
      const back = backFromJson(signal, requestToJson(signal, bytes));
      assert.deepEqual(canonicalRequest(signal, back), canonicalRequest(signal, bytes));
    });
  }

  it('ids are hex, other bytes base64, 64-bit integers text, enums numbers', () => {
    const id = Buffer.from('0123456789abcdef', 'hex');
    const traceId = Buffer.concat([id, id]);
    const bytesValue = Buffer.from([0xfb, 0xff]);
    const attributes = [
      { key: 'traceId', value: { bytesValue } },
      { key: 'spanId', value: { stringValue: 'plain' } },
      { key: 'n', value: { intValue: '-9223372036854775808' } },
      { key: 'd', value: { doubleValue: Number.NaN } },
    ];
    const span = {
      traceId,
      spanId: id,
      kind: 3,
      startTimeUnixNano: '18446744073709551615',
      attributes,
    };
    const type = requestType('traces');
    const request = type.fromObject({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
    const json = JSON.parse(requestToJson('traces', type.encode(request).finish()));
    const [sent] = json.resourceSpans[0].scopeSpans[0].spans;
    assert.equal(sent.traceId, '0123456789abcdef0123456789abcdef');
    assert.equal(sent.spanId, '0123456789abcdef');
    assert.equal(sent.kind, 3);
    assert.equal(sent.startTimeUnixNano, '18446744073709551615');
    assert.deepEqual(
      sent.attributes.map(({ value }: { value: object }) => value),
      [
        { bytesValue: '+/8=' },
        { stringValue: 'plain' },
        { intValue: '-9223372036854775808' },
        { doubleValue: 'NaN' },
      ],
    );
  });

  it('text that is not UTF-8: U+FFFD for each bad sequence, and all else stays', () => {
    const type = requestType('traces');
    const attributes = [{ key: 'kXy', value: { stringValue: 'vXy' } }];
    const spans = [{ name: 'cafX', attributes }, { name: 'whole é' }];
    const request = type.fromObject({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
    const bytes = Buffer.from(type.encode(request).finish());
    for (let at = bytes.indexOf('X'); at >= 0; at = bytes.indexOf('X')) bytes[at] = 0xe9;
    const json = JSON.parse(requestToJson('traces', new Uint8Array(bytes)));
    const [first, second] = json.resourceSpans[0].scopeSpans[0].spans;
    assert.equal(first.name, 'caf\ufffd');
    assert.deepEqual(first.attributes, [{ key: 'k\ufffdy', value: { stringValue: 'v\ufffdy' } }]);
    assert.equal(second.name, 'whole é');
  });

  it('values of 64 levels, which receivers accept: all are there', () => {
    let value: object = { stringValue: 'deepest' };
    for (let level = 1; level < 64; level++) {
      value = { kvlistValue: { values: [{ key: 'k', value }] } };
    }
    const sent = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: value }] }] }] };
    const bytes = backFromJson('logs', JSON.stringify(sent));
    assert.deepEqual(JSON.parse(requestToJson('logs', bytes)), sent);
  });

  it('bytes that are no request: throws', () => {
    assert.throws(() => requestToJson('traces', Buffer.from([0x0a, 0xff])));
  });
});
