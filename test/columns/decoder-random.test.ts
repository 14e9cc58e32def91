import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecoderHarness } from './decoder-harness.ts';
import { chooseSeed, TestRandom } from './random.ts';
import { sampledSignals } from './sampled-signals.ts';

const requestCount = 1000;

for (const { signal, Requests, rows } of sampledSignals) {
  for (const irregularity of [0, 0.05, 0.3]) {
    test(`decode: random ${signal} are as in protobufjs, irregularity ${irregularity}`, (t) => {
      const seed = chooseSeed();
      t.diagnostic(`SEED=${seed}`);
      const requests = new Requests(new TestRandom(seed), { irregularity });
      const harness = new DecoderHarness(signal);
      for (let i = 0; i < requestCount; i++) {
        const request = requests.request();
        const found = harness.rowsOf(request);
        assert.deepEqual(found, rows(request), `request ${i} of SEED=${seed}`);
      }
    });
  }
}
