/** google.rpc.Status on the wire and as JSON. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  rpcCode,
  statusFromProtobuf,
  statusToJson,
  statusToProtobuf,
} from '../../src/shared/google-rpc.ts';
import { rpcStatus } from '../client/rpc-status.ts';

const typeUrl = 'type.googleapis.com/google.rpc.RetryInfo';

describe('google-rpc', () => {
  it('statusToProtobuf: writes the bytes of google.rpc.Status', () => {
    const bytes = statusToProtobuf({ code: rpcCode.invalidArgument, message: 'no' });
    assert.equal(bytes.toString('hex'), `08031202${Buffer.from('no').toString('hex')}`);
  });

  it('statusToProtobuf: packs a RetryInfo as Any', () => {
    const code = rpcCode.unavailable;
    const bytes = statusToProtobuf({ code, message: 'no', retryDelaySeconds: 1 });
    const any = `0a${typeUrl.length.toString(16)}${Buffer.from(typeUrl).toString('hex')}`;
    const status = `080e1202${Buffer.from('no').toString('hex')}`;
    const detail = `${any}12040a020801`;
    assert.equal(bytes.toString('hex'), `${status}1a${(detail.length / 2).toString(16)}${detail}`);
  });

  it('statusFromProtobuf: reads what statusToProtobuf wrote', () => {
    const code = rpcCode.unavailable;
    const plain = statusToProtobuf({ code, message: 'ä' });
    assert.deepEqual(statusFromProtobuf(plain), { code, message: 'ä', retryDelayMs: undefined });
    const retry = statusToProtobuf({ code, message: 'later', retryDelaySeconds: 2 });
    assert.deepEqual(statusFromProtobuf(retry), { code, message: 'later', retryDelayMs: 2000 });
  });

  it('statusFromProtobuf: adds seconds and nanoseconds of a RetryInfo', () => {
    assert.equal(statusFromProtobuf(rpcStatus('full', 2)).retryDelayMs, 2500);
  });

  it('statusFromProtobuf: an empty message has code 0 and no message', () => {
    const empty = { code: 0, message: '', retryDelayMs: undefined };
    assert.deepEqual(statusFromProtobuf(Buffer.alloc(0)), empty);
  });

  it('statusFromProtobuf: an unreadable RetryInfo is ignored', () => {
    const any = `0a${typeUrl.length.toString(16)}${Buffer.from(typeUrl).toString('hex')}1202ffff`;
    const bytes = Buffer.from(`08031a${(any.length / 2).toString(16)}${any}`, 'hex');
    const expected = { code: 3, message: '', retryDelayMs: undefined };
    assert.deepEqual(statusFromProtobuf(bytes), expected);
  });

  it('statusFromProtobuf: bytes that are not protobuf throw', () => {
    assert.throws(() => statusFromProtobuf(Buffer.from([0x1a, 0xff])));
  });

  it('statusToJson: has the same code and message, and details with their type', () => {
    const plain = statusToJson({ code: rpcCode.unimplemented, message: 'ä' });
    assert.deepEqual(JSON.parse(plain.toString()), { code: 12, message: 'ä' });
    const retry = { code: rpcCode.unavailable, message: 'later', retryDelaySeconds: 1 } as const;
    assert.deepEqual(JSON.parse(statusToJson(retry).toString()), {
      code: 14,
      message: 'later',
      details: [{ '@type': typeUrl, retryDelay: '1s' }],
    });
  });
});
