/** Tests that a message gives the requests it holds, in protobuf, or the reason why not. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Encoder } from '@toondepauw/node-zstd';
import {
  jsonRequests,
  type MessageRequests,
  toRequests,
} from '../../../src/commands/import/message-requests.ts';
import { type Signal, signals } from '../../../src/shared/signal.ts';
import { canonicalRequest } from '../../columns/canonical-request.ts';

const requests = fileURLToPath(new URL('../../../../fixtures/requests/', import.meta.url));
const compress = (bytes: Buffer) => new Encoder(3).encodeSync(bytes);

function read(message: Buffer | string, ofProtobuf?: Signal, wanted?: Signal) {
  return toRequests(Buffer.from(message as Buffer), { ofProtobuf, wanted });
}

/** `traces of 5`, or the reason. */
function told(found: MessageRequests): string {
  if (found.kind !== 'requests') return found.kind === 'skipped' ? found.reason : found.kind;
  return found.requests.map(({ signal, itemCount }) => `${signal} of ${itemCount}`).join(', ');
}

describe('message-requests', () => {
  for (const signal of signals) {
    it(`${signal}: JSON names them itself, protobuf does not, zstd changes nothing`, async () => {
      const json = readFileSync(`${requests}js-sdk-${signal}.json`);
      const protobuf = readFileSync(`${requests}js-sdk-${signal}.pb`);
      const expected = canonicalRequest(signal, protobuf);
      for (const message of [json, compress(json), protobuf, compress(protobuf)]) {
        const found = await read(message, signal);
        assert.equal(found.kind, 'requests');
        const [request] = found.kind === 'requests' ? found.requests : [];
        assert.equal(request?.signal, signal);
        // Of a log record without a body JS writes an empty one in JSON, and none in protobuf.
        if (signal !== 'logs') assert.deepEqual(canonicalRequest(signal, request!.body), expected);
      }
      assert.equal((await read(protobuf)).kind, 'nameless');
      assert.match(told(await read(json)), new RegExp(`^${signal} of \\d+$`));
    });
  }

  it('JSON: several signals in one message are a request of each', async () => {
    const text = '{"resourceLogs":[],"resourceSpans":[{"scopeSpans":[{"spans":[{},{}]}]}]}';
    assert.equal(told(await read(text)), 'traces of 2, logs of 0');
  });

  it('JSON: a signal that is not wanted is skipped', async () => {
    const text = '{"resourceLogs":[]}';
    assert.equal(
      told(await read(text, 'traces', 'traces')),
      'it is of logs, and only traces are wanted',
    );
    assert.equal(told(await read(text, 'logs', 'logs')), 'logs of 0');
  });

  it('JSON: nothing in it is no request, and no fault', async () => {
    assert.deepEqual(await read(' {} '), { kind: 'requests', requests: [] });
  });

  it('JSON: what is no request has a reason', async () => {
    assert.match(told(await read('{"resourceSpans":')), /^its text is not JSON/);
    assert.match(told(await read('{"resource_spans":[]}')), /^it has none of resourceSpans, /);
    assert.match(told(await read('{"resourceSpans":7}')), /^resourceSpans is 7, not an array/);
    assert.match(told(await read('{"resourceSpans":[[]]}')), /resourceSpans\[0\] is an array/);
    const deep = `{"resourceSpans":${'['.repeat(600)}${']'.repeat(600)}}`;
    assert.match(told(await read(deep)), /nested too deeply/);
  });

  it('a line is JSON, whatever it looks like', () => {
    assert.match(told(jsonRequests(Buffer.from('\n\x02'), undefined)), /^its text is not JSON/);
    for (const text of ['null', '7', '[]', '"text"']) {
      assert.equal(told(jsonRequests(Buffer.from(text), undefined)), 'it is no JSON object', text);
    }
  });

  it('zstd: what is torn has a reason', async () => {
    const frame = compress(Buffer.from('{"resourceSpans":[]}'));
    assert.match(told(await read(frame.subarray(0, 12))), /zstd/);
  });

  it('protobuf goes on unread, whatever it is; an empty message is an empty request', async () => {
    assert.equal(told(await read(Buffer.from([0xff, 0xff]), 'traces')), 'traces of 0');
    assert.equal(told(await read(Buffer.alloc(0), 'metrics')), 'metrics of 0');
  });
});
