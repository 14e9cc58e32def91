import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullRequest } from '../full-message.ts';
import { RebuildHarness } from '../rebuild-harness.ts';

test('Span: every field of the .proto file comes back', () => {
  const request = fullRequest('traces', ['stringValue']);
  assert.deepEqual(new RebuildHarness('traces').rebuildOne(request), request);
});
