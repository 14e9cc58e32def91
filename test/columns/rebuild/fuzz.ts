/** Checks that damaged requests that the decoder accepts are rebuilt as the same message. */
import assert from 'node:assert/strict';
import type { TestRandom } from '../../random.ts';
import { canonicalRequest } from '../canonical-request.ts';
import { mutate } from '../mutation.ts';
import { RegularRequests } from '../regular-requests.ts';
import type { SampledSignal } from '../sampled-signals.ts';
import { RebuildHarness } from './rebuild-harness.ts';

/** Number of requests. Each is damaged many times, and spliced with the others. */
const requestCount = 200;

/** Number of requests that are not damaged, but contain what no SDK would send. */
const freshShare = 0.2;

/** Number of requests that share a batch, so that one could affect another. */
const requestsPerBatch = 16;

export interface FuzzCount {
  /** Requests with rows. */
  taken: number;
  /** Requests without a row. */
  refused: number;
}

/** Throws at the first request that is rebuilt as another message. */
export function fuzzRebuild(
  { signal, Requests }: SampledSignal,
  random: TestRandom,
  mutationCount: number,
): FuzzCount {
  const harness = new RebuildHarness(signal);
  const regular = new RegularRequests(random, signal);
  const irregular = new Requests(random, { irregularity: 0.1 });
  const requests = Array.from({ length: requestCount }, (_, index) =>
    (index % 2 === 0 ? regular : irregular).request(),
  );
  const count = { taken: 0, refused: 0 };
  let batch: Buffer[] = [];
  for (let i = 0; i < mutationCount; i++) {
    const request = random.chance(freshShare)
      ? irregular.request()
      : mutate(random, random.pick(requests), random.pick(requests));
    if (harness.decode(request) > 0) batch.push(request);
    else count.refused++;
    if (batch.length < requestsPerBatch && i + 1 < mutationCount) continue;
    assertRebuilt(harness, batch);
    count.taken += batch.length;
    batch = [];
  }
  return count;
}

function assertRebuilt(harness: RebuildHarness, requests: readonly Buffer[]): void {
  const { signal } = harness;
  const rebuilt = harness.rebuild();
  harness.reset();
  assert.equal(rebuilt.length, requests.length);
  for (const [index, request] of requests.entries()) {
    const found = rebuilt[index]!;
    const bytes = found.kind === 'request' ? hex(canonicalRequest(signal, found.bytes)) : found;
    assert.deepEqual(bytes, hex(canonicalRequest(signal, request)), `of ${hex(request)}`);
  }
}

function hex(bytes: Buffer): string {
  return bytes.toString('hex');
}
