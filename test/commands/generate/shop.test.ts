/** Tests the shop as a whole: its visits have what real traces have, in real proportions. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../../src/commands/generate/random.ts';
import { openShop } from '../../../src/commands/generate/shop.ts';
import { type Span, spanKind, statusCode } from '../../../src/commands/generate/telemetry.ts';
import { assertTrees, endUnixNs } from './traces.ts';

const seed = Number(process.env.SEED ?? 1);

function visitSpans(visitCount: number): Span[] {
  const shop = openShop(new Random(seed));
  return Array.from({ length: visitCount }, () => shop.visit().emit(endUnixNs))
    .flat()
    .map(({ span }) => span);
}

const spans = visitSpans(4000);

function share(matches: (span: Span) => boolean): number {
  return spans.filter(matches).length / spans.length;
}

function assertBetween(number: number, min: number, max: number): void {
  assert.ok(number >= min && number <= max, `seed ${seed}: ${number} from ${min} to ${max}`);
}

describe(`shop, SEED=${seed}`, () => {
  it('visits: every trace is a whole tree', () => {
    assertTrees(spans);
  });

  it('visits: every kind of span occurs', () => {
    assert.deepEqual(
      new Set(spans.map(({ kind }) => kind)),
      new Set<number>(Object.values(spanKind)),
    );
  });

  it('visits: about two percent of the spans are errors', () => {
    assertBetween(
      share(({ status }) => status.code === statusCode.error),
      0.012,
      0.03,
    );
  });

  it('visits: about ten attributes a span, of every type', () => {
    const attributes = spans.flatMap((span) => span.attributes);
    assertBetween(attributes.length / spans.length, 9, 11);
    const types = new Set(attributes.flatMap(({ value }) => Object.keys(value)));
    assert.deepEqual([...types].sort(), [
      'arrayValue',
      'boolValue',
      'doubleValue',
      'intValue',
      'stringValue',
    ]);
  });

  it('visits: no span has a key twice', () => {
    for (const { name, attributes } of spans) {
      assert.equal(new Set(attributes.map(({ key }) => key)).size, attributes.length, name);
    }
  });

  it('visits: some spans have events, links and a trace state', () => {
    assertBetween(
      share(({ events }) => events.length > 0),
      0.02,
      0.1,
    );
    assertBetween(
      share(({ links }) => links.length > 0),
      0.01,
      0.05,
    );
    assertBetween(
      share(({ traceState }) => traceState !== ''),
      0.08,
      0.17,
    );
  });

  it('visits: latencies have a long tail', () => {
    const durations = spans
      .map((span) => Number(span.endTimeUnixNano - span.startTimeUnixNano))
      .sort((a, b) => a - b);
    const median = durations[Math.floor(durations.length / 2)] ?? 0;
    const p99 = durations[Math.floor(durations.length * 0.99)] ?? 0;
    assertBetween(p99 / median, 10, 1000);
  });

  it('probe: one span', () => {
    const shop = openShop(new Random(seed));
    assert.equal(shop.probe().spanCount, 1);
  });
});
