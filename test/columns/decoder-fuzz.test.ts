import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeResult } from '../../src/columns/request-decoder.ts';
import { DecoderHarness, plenty } from './decoder-harness.ts';
import { mutate } from './mutation.ts';
import { chooseSeed, TestRandom } from './random.ts';
import { type SampledSignal, sampledSignals } from './sampled-signals.ts';

/** Of each signal; within a minute's patience for all tests. FUZZ_MUTATIONS asks for more. */
const mutationCount = Number(process.env.FUZZ_MUTATIONS ?? 6_000);
/** Each is mutated many times, and takes its turn as the one that must not change. */
const requestCount = 200;
const mutationsPerTurn = 20;

/*
 * What protobufjs decodes, the decoder takes, with the same rows; it may only find values too deep.
 * What the decoder takes, protobufjs decodes, unless it is stricter: it wants tags and lengths in
 * at most five bytes. (reference-requests.ts makes it as lenient as the decoder with text that is
 * not UTF-8, and as strict with long varints.)
 */
const stricterAbout = /invalid (tag|length) encoding/;

for (const sampled of sampledSignals) {
  const { signal, Requests } = sampled;
  test(`decode: damaged ${signal} are taken as protobufjs takes them, or refused, undone`, (t) => {
    const seed = chooseSeed();
    t.diagnostic(`SEED=${seed}`);
    const random = new TestRandom(seed);
    const samples = new Requests(random, { irregularity: 0.05 });
    const harness = new DecoderHarness(signal);
    const found = { taken: 0, refused: 0 };
    const requests = Array.from({ length: requestCount }, () => samples.request());
    let kept = keepFirst(harness, requests[0]!);
    for (let i = 0; i < mutationCount; i++) {
      if (i % mutationsPerTurn === 0) kept = keepFirst(harness, random.pick(requests));
      const request = mutate(random, random.pick(requests), random.pick(requests));
      const rows = harness.decode(request, plenty, random.below(256));
      const where = `mutation ${i} of SEED=${seed}`;
      if (rows >= 0) {
        found.taken++;
        assertTaken(sampled, harness.rows().slice(kept.rows), request, where);
        kept = keepFirst(harness, kept.request);
      } else {
        found.refused++;
        assert.ok(harness.snapshot().equals(kept.snapshot), `not undone: ${where}`);
        assertRefused(sampled, rows, request, where);
      }
    }
    t.diagnostic(JSON.stringify(found));
    assert.ok(found.taken > mutationCount / 20 && found.refused > mutationCount / 20);
  });

  test(`decode: what lies behind ${signal} never matters, not even the memory's end`, (t) => {
    const seed = chooseSeed();
    t.diagnostic(`SEED=${seed}`);
    const random = new TestRandom(seed);
    const samples = new Requests(random, { irregularity: 0.1 });
    const harness = new DecoderHarness(signal);
    for (let i = 0; i < mutationCount / 10; i++) {
      const request = samples.request();
      const damaged = mutate(random, request, request);
      const outcomes = [0x00, 0x41, 0x80, 0xff].map((poison) => {
        harness.reset();
        const rows = harness.decode(damaged, plenty, poison);
        return { rows, columns: harness.snapshot().toString('latin1') };
      });
      harness.reset();
      const rows = harness.decodeAtMemoryEnd(damaged);
      outcomes.push({ rows, columns: harness.snapshot().toString('latin1') });
      for (const outcome of outcomes) {
        assert.deepEqual(outcome, outcomes[0], `mutation ${i} of SEED=${seed}`);
      }
    }
  });
}

interface Kept {
  readonly request: Buffer;
  readonly rows: number;
  readonly snapshot: Buffer;
}

/** Empties the columns and decodes a request, whose rows refused ones must leave as they are. */
function keepFirst(harness: DecoderHarness, request: Buffer): Kept {
  harness.reset();
  const rows = harness.decode(request);
  assert.ok(rows >= 0);
  return { request, rows, snapshot: harness.snapshot() };
}

function assertTaken(sampled: SampledSignal, rows: unknown, request: Buffer, where: string): void {
  let expected: unknown;
  try {
    expected = sampled.rows(request, 2n);
  } catch (error) {
    assert.match(String(error), stricterAbout, where);
    return;
  }
  assert.deepEqual(rows, expected, where);
}

function assertRefused(sampled: SampledSignal, code: number, request: Buffer, where: string): void {
  if (code === decodeResult.tooDeep) return;
  assert.equal(code, decodeResult.malformed, where);
  assert.throws(() => sampled.rows(request), `protobufjs decodes it: ${where}`);
}
