/** What is rebuilt of the archive is the same message to Python's protobuf too. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { RebuildHarness } from '../columns/rebuild/rebuild-harness.ts';
import { RegularRequests } from '../columns/regular-requests.ts';
import { sampledSignals } from '../columns/sampled-signals.ts';
import { chooseSeed, TestRandom } from '../random.ts';
import { cleanUp, makeFolder } from '../recorder/recorder-process.ts';
import { runPython } from './python.ts';

const requestCount = 3000;
const irregularities = [0.01, 0.1];

after(cleanUp);

/** Behind its length, four bytes. */
function framed(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

describe('rebuilt requests', () => {
  for (const { signal, Requests } of sampledSignals) {
    it(`${signal}: Python's protobuf finds each equal to its original`, async (test) => {
      const seed = chooseSeed();
      test.diagnostic(`SEED=${seed}`);
      const random = new TestRandom(seed);
      // Python's protobuf refuses text that is not UTF-8.
      const sources = [
        new RegularRequests(random, signal),
        ...irregularities.map((irregularity) => {
          return new Requests(random, { irregularity, isUtf8: true });
        }),
      ];
      const harness = new RebuildHarness(signal);
      const pairs: Buffer[][] = [];
      for (let i = 0; i < requestCount; i++) {
        const request = sources[i % sources.length]!.request();
        harness.reset();
        if (harness.decode(request) <= 0) continue;
        pairs.push([framed(request), framed(harness.rebuildOne(request))]);
      }
      assert.ok(pairs.length > requestCount / 4, `only ${pairs.length} have rows`);
      const path = join(makeFolder(), 'pairs');
      writeFileSync(path, Buffer.concat(pairs.flat()));
      test.diagnostic((await runPython('compare_requests.py', signal, path)).trim());
    });
  }
});
