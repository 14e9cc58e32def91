/**
 * Tests that the count of each signal is read in both encodings, and that invalid answers do no
 * harm.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acceptedAnswer } from '../../src/client/partial-success.ts';
import { responseType } from '../../src/shared/otlp-messages.ts';
import { signals } from '../../src/shared/signal.ts';

const names = {
  traces: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
} as const;

const plain = { verdict: 'accepted', rejectedItems: 0, message: '' };

describe('partial-success', () => {
  for (const signal of signals) {
    it(`${signal}: ${names[signal]}, in protobuf and JSON, as a number or a string`, () => {
      const expected = { verdict: 'accepted', rejectedItems: 7, message: 'too old' };
      const message = { partialSuccess: { [names[signal]]: 7, errorMessage: 'too old' } };
      const bytes = responseType(signal).encode(message).finish();
      assert.deepEqual(acceptedAnswer(signal, 'protobuf', bytes), expected);
      for (const count of [7, '7']) {
        const partialSuccess = { [names[signal]]: count, errorMessage: 'too old' };
        const json = Buffer.from(JSON.stringify({ partialSuccess }));
        assert.deepEqual(acceptedAnswer(signal, 'json', json), expected);
      }
    });
  }

  it('nothing, or what cannot be read: nothing was rejected', () => {
    assert.deepEqual(acceptedAnswer('logs', 'protobuf'), plain);
    assert.deepEqual(acceptedAnswer('logs', undefined, Buffer.from('<html>')), plain);
    assert.deepEqual(acceptedAnswer('logs', 'protobuf', Buffer.alloc(0)), plain);
    assert.deepEqual(acceptedAnswer('logs', 'protobuf', Buffer.from([0x0a, 0xff])), plain);
    for (const text of ['<html>', '{}', 'null', '[]', '7', '{"partialSuccess":null}']) {
      assert.deepEqual(acceptedAnswer('logs', 'json', Buffer.from(text)), plain, text);
    }
  });

  it('a count below nothing, or none at all: nothing was rejected', () => {
    for (const rejectedSpans of [-3, 'many', {}, Number.MAX_VALUE * 2]) {
      const json = JSON.stringify({ partialSuccess: { rejectedSpans } });
      assert.deepEqual(acceptedAnswer('traces', 'json', Buffer.from(json)), plain, json);
    }
  });
});
