/** Sends damaged requests through the archive, as many as `--count` says, and compares what returns. */
import { parseArgs } from 'node:util';
import { chooseSeed, TestRandom } from '../columns/random.ts';
import { fuzzRebuild } from '../columns/rebuild-fuzz.ts';
import { sampledSignals } from '../columns/sampled-signals.ts';

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
  const { taken, refused } = fuzzRebuild(sampled, new TestRandom(seed), share);
  console.log(
    `${sampled.signal}: ${taken} were taken and came back equal, ${refused} were not taken`,
  );
}
