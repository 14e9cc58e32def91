/** google.rpc.Status on the wire and as JSON. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  retryInfoType,
  retryInfoUrl,
  rpcCode,
  statusToJson,
  statusToProtobuf,
  statusType,
} from '../../src/accept/rpc-status.ts';

describe('rpc-status', () => {
  it('statusToProtobuf: the bytes that google.rpc.Status has by hand', () => {
    const bytes = statusToProtobuf({ code: rpcCode.invalidArgument, message: 'no' });
    assert.equal(bytes.toString('hex'), `08031202${Buffer.from('no').toString('hex')}`);
  });

  it('statusToProtobuf: RetryInfo is packed as Any', () => {
    const bytes = statusToProtobuf({
      code: rpcCode.unavailable,
      message: 'later',
      retryDelaySeconds: 1,
    });
    const status = statusType.toObject(statusType.decode(bytes), { longs: Number }) as {
      code: number;
      message: string;
      details: { typeUrl: string; value: Uint8Array }[];
    };
    assert.equal(status.code, 14);
    assert.equal(status.message, 'later');
    assert.equal(status.details.length, 1);
    assert.equal(status.details[0]?.typeUrl, retryInfoUrl);
    assert.equal(Buffer.from(status.details[0].value).toString('hex'), '0a020801');
    const info = retryInfoType.decode(status.details[0].value);
    assert.deepEqual(retryInfoType.toObject(info, { longs: Number }), {
      retryDelay: { seconds: 1 },
    });
  });

  it('statusToJson: the same as JSON, details by their type', () => {
    const plain = statusToJson({ code: rpcCode.unimplemented, message: 'ä' });
    assert.deepEqual(JSON.parse(plain.toString()), { code: 12, message: 'ä' });
    const retry = { code: rpcCode.unavailable, message: 'later', retryDelaySeconds: 1 } as const;
    assert.deepEqual(JSON.parse(statusToJson(retry).toString()), {
      code: 14,
      message: 'later',
      details: [{ '@type': retryInfoUrl, retryDelay: '1s' }],
    });
  });
});
