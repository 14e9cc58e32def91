/**
 * Sends damaged requests through the decoder and through the archive, as many as `--count` says,
 * and compares what comes out with what protobufjs makes of them.
 */
import { parseArgs } from 'node:util';
import { fuzzDamaged, fuzzRows, fuzzSurroundings } from '../columns/decode/fuzz.ts';
import { fuzzRebuild } from '../columns/rebuild/fuzz.ts';
import { type SampledSignal, sampledSignals } from '../columns/sampled-signals.ts';
import { chooseSeed, TestRandom } from '../random.ts';

const { values } = parseArgs({ options: { count: { type: 'string', default: '100000' } } });
const count = Number(values.count);
if (!Number.isSafeInteger(count) || count < 1) {
  console.error('--count takes the number of damaged requests: a whole number above 0.');
  process.exit(2);
}
const seed = chooseSeed();
console.log(`SEED=${seed}`);
for (const sampled of sampledSignals) {
  const share = Math.ceil(count / sampledSignals.length);
  fuzzDecoder(sampled, share);
  const { taken, refused } = fuzzRebuild(sampled, new TestRandom(seed), share);
  const what = `${taken} damaged requests were archived and came back equal`;
  console.log(`${sampled.signal}: ${what}, ${refused} were not taken`);
}

/** Slower by what they look at: whole requests at all their rows, surroundings five times. */
function fuzzDecoder(sampled: SampledSignal, share: number): void {
  const fewer = Math.ceil(share / 10);
  for (const irregularity of [0, 0.05, 0.3]) {
    fuzzRows(sampled, new TestRandom(seed), { count: fewer, irregularity });
  }
  const { taken, refused } = fuzzDamaged(sampled, new TestRandom(seed), share);
  fuzzSurroundings(sampled, new TestRandom(seed), fewer);
  const what = `the decoder took ${taken} damaged requests as protobufjs does`;
  console.log(`${sampled.signal}: ${what}, and refused ${refused}`);
}
