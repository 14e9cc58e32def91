/** Tests the names of misplaced fields; test/columns/decode/misplaced.test.ts has all of them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fieldName, messageCount, messageName } from '../../src/shared/misplaced-field.ts';
import { messageType } from '../../src/shared/otlp-messages.ts';
import { signals } from '../../src/shared/signal.ts';

describe('misplaced field', () => {
  it('every message of the table exists', () => {
    for (const signal of signals) {
      for (let message = 1; message <= messageCount; message++) {
        assert.ok(messageType(messageName(signal, message) ?? ''));
      }
    }
  });

  it('a field has the name that the .proto files give it', () => {
    assert.equal(fieldName('traces', (10 << 5) | 7), 'Span.start_time_unix_nano');
    assert.equal(fieldName('logs', (3 << 5) | 2), 'ScopeLogs.log_records');
    assert.equal(fieldName('metrics', (26 << 5) | 1), 'ValueAtQuantile.quantile');
  });

  it('an unknown number still gives a text', () => {
    assert.equal(fieldName('traces', (10 << 5) | 31), 'Span.31');
    assert.equal(fieldName('traces', (31 << 5) | 3), 'field 3');
  });
});
