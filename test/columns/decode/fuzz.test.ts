/** Runs a short part of `npm run test:fuzz`. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { chooseSeed, TestRandom } from '../../random.ts';
import { sampledSignals } from '../sampled-signals.ts';
import { fuzzDamaged, fuzzRows, fuzzSurroundings } from './fuzz.ts';

/** Number of requests of each signal; each test takes a second or two. */
const mutationCount = 3_000;
const requestCount = 200;

function seeded(t: TestContext): TestRandom {
  const seed = chooseSeed();
  t.diagnostic(`SEED=${seed}`);
  return new TestRandom(seed);
}

for (const sampled of sampledSignals) {
  const { signal } = sampled;
  for (const irregularity of [0, 0.05, 0.3]) {
    test(`decode: random ${signal} are as in protobufjs, irregularity ${irregularity}`, (t) => {
      fuzzRows(sampled, seeded(t), { count: requestCount, irregularity });
    });
  }

  test(`decode: damaged ${signal} are taken as protobufjs takes them, or refused, undone`, (t) => {
    const { taken, refused } = fuzzDamaged(sampled, seeded(t), mutationCount);
    t.diagnostic(`${taken} taken, ${refused} refused`);
    assert.ok(taken > mutationCount / 20 && refused > mutationCount / 20);
  });

  test(`decode: what lies behind ${signal} never matters, not even the memory's end`, (t) => {
    fuzzSurroundings(sampled, seeded(t), mutationCount / 10);
  });
}
