import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullRequest } from '../full-message.ts';
import { RebuildHarness } from '../rebuild-harness.ts';

test('LogRecord: every field of the .proto file comes back', () => {
  const request = fullRequest('logs', ['stringValue']);
  assert.deepEqual(new RebuildHarness('logs').rebuildOne(request), request);
});
