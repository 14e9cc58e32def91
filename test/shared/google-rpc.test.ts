/** google.rpc.Status in protobuf and as JSON. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  rpcCode,
  statusFromProtobuf,
  statusToJson,
  statusToProtobuf,
} from '../../src/shared/google-rpc.ts';
import { rpcStatus } from '../client/rpc-status.ts';

const retryInfoUrl = 'type.googleapis.com/google.rpc.RetryInfo';
const errorInfoUrl = 'type.googleapis.com/google.rpc.ErrorInfo';

const reason = 'ERR_ARCHER_UNAVAILABLE';
const refused = { code: rpcCode.invalidArgument, message: 'no', reason } as const;

/** Returns a protobuf field of bytes. The lengths are all below 128. */
function field(tag: string, hex: string): string {
  return `${tag}${(hex.length / 2).toString(16).padStart(2, '0')}${hex}`;
}

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex');
}

const errorInfo = field('0a', hexOf(reason)) + field('12', hexOf('otlp-archer'));
const errorDetail = field('1a', field('0a', hexOf(errorInfoUrl)) + field('12', errorInfo));

describe('google-rpc', () => {
  it('statusToProtobuf: writes the bytes of google.rpc.Status, with an ErrorInfo', () => {
    const bytes = statusToProtobuf(refused);
    assert.equal(bytes.toString('hex'), `0803${field('12', hexOf('no'))}${errorDetail}`);
  });

  it('statusToProtobuf: adds a RetryInfo if there is a delay', () => {
    const bytes = statusToProtobuf({ ...refused, retryDelaySeconds: 1 });
    const retryDetail = field('1a', `${field('0a', hexOf(retryInfoUrl))}12040a020801`);
    const status = `0803${field('12', hexOf('no'))}`;
    assert.equal(bytes.toString('hex'), `${status}${errorDetail}${retryDetail}`);
  });

  it('statusFromProtobuf: reads what statusToProtobuf wrote', () => {
    const code = rpcCode.unavailable;
    const plain = statusToProtobuf({ code, message: 'ä', reason });
    assert.deepEqual(statusFromProtobuf(plain), { code, message: 'ä', retryDelayMs: undefined });
    const retry = statusToProtobuf({ code, message: 'later', reason, retryDelaySeconds: 2 });
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
    const any = `0a${retryInfoUrl.length.toString(16)}${Buffer.from(retryInfoUrl).toString('hex')}1202ffff`;
    const bytes = Buffer.from(`08031a${(any.length / 2).toString(16)}${any}`, 'hex');
    const expected = { code: 3, message: '', retryDelayMs: undefined };
    assert.deepEqual(statusFromProtobuf(bytes), expected);
  });

  it('statusFromProtobuf: bytes that are not protobuf throw', () => {
    assert.throws(() => statusFromProtobuf(Buffer.from([0x1a, 0xff])));
  });

  it('statusToJson: has the same code and message, and details with their type', () => {
    const error = { '@type': errorInfoUrl, reason, domain: 'otlp-archer' };
    const plain = statusToJson({ ...refused, message: 'ä' });
    assert.deepEqual(JSON.parse(plain.toString()), { code: 3, message: 'ä', details: [error] });
    const retry = statusToJson({ ...refused, retryDelaySeconds: 1 });
    assert.deepEqual(JSON.parse(retry.toString()).details, [
      error,
      { '@type': retryInfoUrl, retryDelay: '1s' },
    ]);
  });
});
