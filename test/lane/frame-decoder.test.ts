/** A frame's rows have the batch_id of its lane and position. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { RequestDecoder } from '../../src/columns/request-decoder.ts';
import { FrameDecoder } from '../../src/lane/frame-decoder.ts';

it('decode: batch_id is lane x 2^48 + position, and the limit is handed on', () => {
  const calls: unknown[][] = [];
  const decode: RequestDecoder['decode'] = (...call) => {
    calls.push(call);
    return 7;
  };
  const decoder = new FrameDecoder({ decode } as RequestDecoder, 3, 1_000);
  const frame = { signal: 'traces', receivedTimeNs: 5n, bodyAddress: 64, bodyBytes: 10 } as const;
  assert.equal(decoder.decode(frame, 2 ** 40), 7);
  assert.deepEqual(calls, [['traces', 64, 10, 5n, 3n * 2n ** 48n + 2n ** 40n, 1_000]]);
});
