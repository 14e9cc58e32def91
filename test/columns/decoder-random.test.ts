import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecoderHarness } from './decoder-harness.ts';
import { chooseSeed, TestRandom } from './random.ts';
import { RandomTraces } from './random-traces.ts';
import { referenceRows } from './reference-rows.ts';

const requestCount = 1000;

for (const irregularity of [0, 0.05, 0.3]) {
  test(`decode: random requests are as in protobufjs, irregularity ${irregularity}`, (t) => {
    const seed = chooseSeed();
    t.diagnostic(`SEED=${seed}`);
    const traces = new RandomTraces(new TestRandom(seed), { irregularity });
    const harness = new DecoderHarness();
    for (let i = 0; i < requestCount; i++) {
      const request = traces.request();
      const found = harness.rowsOf(request);
      assert.deepEqual(found, referenceRows(request), `request ${i} of SEED=${seed}`);
    }
  });
}
