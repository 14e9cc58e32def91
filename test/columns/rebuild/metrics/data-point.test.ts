import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullRequest } from '../full-message.ts';
import { RebuildHarness } from '../rebuild-harness.ts';

const harness = new RebuildHarness('metrics');

for (const data of ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary']) {
  for (const value of ['asDouble', 'asInt']) {
    test(`data point of a ${data}: every field of the .proto file comes back, ${value}`, () => {
      const request = fullRequest('metrics', [data, value]);
      assert.deepEqual(harness.rebuildOne(request), request);
    });
  }
}
