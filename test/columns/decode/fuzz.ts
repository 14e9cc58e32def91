/** Sends random and damaged requests through the decoder and compares it with protobufjs. */
import assert from 'node:assert/strict';
import { decodeResult } from '../../../src/columns/request-decoder.ts';
import type { TestRandom } from '../../random.ts';
import { firstFault } from '../misplaced-fields.ts';
import { mutate } from '../mutation.ts';
import type { SampledSignal } from '../sampled-signals.ts';
import { DecoderHarness, plenty } from './decoder-harness.ts';

/**
 * Number of requests. Each is mutated many times; each in turn is the one whose rows must not
 * change.
 */
const requestCount = 200;
const mutationsPerTurn = 20;

/*
 * The decoder accepts what protobufjs decodes, with the same rows. It may only find values too
 * deep, or a known field with another wire type than its own, which protobufjs skips. protobufjs decodes
 * what the decoder accepts, unless it is stricter: it allows at most five bytes for tags and
 * lengths. reference-requests.ts makes it as lenient as the decoder with text that is not UTF-8,
 * and as strict with long varints.
 */
const stricterAbout = /invalid (tag|length) encoding/;

/** Checks that whole requests become the rows that protobufjs decodes. */
export function fuzzRows(
  { signal, Requests, rows }: SampledSignal,
  random: TestRandom,
  { count, irregularity }: { readonly count: number; readonly irregularity: number },
): void {
  const requests = new Requests(random, { irregularity });
  const harness = new DecoderHarness(signal);
  for (let i = 0; i < count; i++) {
    const request = requests.request();
    assert.deepEqual(harness.rowsOf(request), rows(request), `request ${i}`);
  }
}

/**
 * Checks that damaged requests are decoded as protobufjs decodes them, or refused without a trace.
 */
export function fuzzDamaged(
  sampled: SampledSignal,
  random: TestRandom,
  mutationCount: number,
): { readonly taken: number; readonly refused: number } {
  const samples = new sampled.Requests(random, { irregularity: 0.05 });
  const harness = new DecoderHarness(sampled.signal);
  const found = { taken: 0, refused: 0 };
  const requests = Array.from({ length: requestCount }, () => samples.request());
  let kept = keepFirst(harness, requests[0]!);
  for (let i = 0; i < mutationCount; i++) {
    if (i % mutationsPerTurn === 0) kept = keepFirst(harness, random.pick(requests));
    const request = mutate(random, random.pick(requests), random.pick(requests));
    const rows = harness.decode(request, plenty, random.below(256));
    const where = `mutation ${i}`;
    if (rows >= 0) {
      found.taken++;
      assertTaken(sampled, harness.rows().slice(kept.rows), request, where);
      kept = keepFirst(harness, kept.request);
    } else {
      found.refused++;
      assert.ok(harness.snapshot().equals(kept.snapshot), `not undone: ${where}`);
      assertRefused(sampled, harness, rows, request, where);
    }
  }
  return found;
}

/** Checks that the bytes behind a damaged request never matter, not even the end of the memory. */
export function fuzzSurroundings(
  { signal, Requests }: SampledSignal,
  random: TestRandom,
  mutationCount: number,
): void {
  const samples = new Requests(random, { irregularity: 0.1 });
  const harness = new DecoderHarness(signal);
  for (let i = 0; i < mutationCount; i++) {
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
    for (const outcome of outcomes) assert.deepEqual(outcome, outcomes[0], `mutation ${i}`);
  }
}

interface Kept {
  readonly request: Buffer;
  readonly rows: number;
  readonly snapshot: Buffer;
}

/** Empties the columns and decodes a request. Refused requests must leave its rows unchanged. */
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
  assert.equal(firstFault(sampled.signal, request), 'none', where);
  assert.deepEqual(rows, expected, where);
}

function assertRefused(
  sampled: SampledSignal,
  { decoder }: DecoderHarness,
  code: number,
  request: Buffer,
  where: string,
): void {
  if (code === decodeResult.tooDeep) return;
  assert.equal(code, decodeResult.malformed, where);
  if (decoder.misplacedField() !== 0) {
    assert.notEqual(firstFault(sampled.signal, request), 'none', where);
    return;
  }
  assert.throws(() => sampled.rows(request), `protobufjs decodes it: ${where}`);
}
