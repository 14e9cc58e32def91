/** Looks into the spans of a visit: trees, attributes, groups by kind and name. */
import assert from 'node:assert/strict';
import { createFleet, type Fleet } from '../../../src/commands/generate/fleet.ts';
import { Random } from '../../../src/commands/generate/random.ts';
import { type Span, spanKind } from '../../../src/commands/generate/telemetry.ts';
import { type EmittedSpan, type OpenSpan, Visit } from '../../../src/commands/generate/visit.ts';

/** Where times in these tests end: after 2^53 ns, as real ones do. */
export const endUnixNs = 1_800_000_000_123_456_789n;

/** Runs the body in a server span of the first storefront. */
export function emitVisit(
  seed: number,
  body: (span: OpenSpan, fleet: Fleet) => void,
): EmittedSpan[] {
  const random = new Random(seed);
  const fleet = createFleet(random);
  const visit = new Visit(random);
  const start = { role: 'http', kind: 'server', name: 'GET /test', attributes: {} } as const;
  visit.runRoot(fleet.storefront[0]!, start, (span) => body(span, fleet));
  return visit.emit(endUnixNs);
}

/** Repeats with rising seeds until the visit has what is looked for; fails after a thousand. */
export function findVisit(
  body: (span: OpenSpan, fleet: Fleet) => void,
  wanted: (spans: EmittedSpan[]) => boolean,
): EmittedSpan[] {
  for (let seed = 0; seed < 1000; seed++) {
    const spans = emitVisit(seed, (span, fleet) => {
      try {
        body(span, fleet);
      } catch {
        // A fault of the body is one of the things looked for.
      }
    });
    if (wanted(spans)) return spans;
  }
  assert.fail('no visit has what is looked for');
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** The span of this name, which must be there once. */
export function only(spans: readonly EmittedSpan[], name: string): EmittedSpan {
  const found = spans.filter(({ span }) => span.name === name);
  assert.equal(found.length, 1, `${found.length} spans are named ${name}`);
  return found[0]!;
}

/** The value of an attribute without its type. */
export function value(span: Pick<Span, 'attributes'>, key: string): unknown {
  const found = span.attributes.find((attribute) => attribute.key === key);
  return found === undefined ? undefined : Object.values(found.value)[0];
}

/** Ids are unique, parents there and around their children in time, links lead to spans. */
export function assertTrees(spans: readonly Span[]): void {
  const byId = new Map(spans.map((span) => [hex(span.spanId), span]));
  assert.equal(byId.size, spans.length, 'span ids are unique');
  for (const span of spans) {
    assert.ok(span.startTimeUnixNano < span.endTimeUnixNano, span.name);
    for (const { timeUnixNano } of span.events) {
      assert.ok(timeUnixNano >= span.startTimeUnixNano && timeUnixNano <= span.endTimeUnixNano);
    }
    for (const link of span.links) {
      const source = byId.get(hex(link.spanId));
      assert.ok(source !== undefined && hex(source.traceId) === hex(link.traceId), span.name);
      assert.ok(source.endTimeUnixNano <= span.startTimeUnixNano, span.name);
    }
    if (span.parentSpanId.length === 0) continue;
    const parent = byId.get(hex(span.parentSpanId));
    assert.ok(parent !== undefined, `the parent of ${span.name} is there`);
    assert.equal(hex(parent.traceId), hex(span.traceId));
    assert.equal(parent.traceState, span.traceState);
    assert.ok(parent.startTimeUnixNano <= span.startTimeUnixNano, span.name);
    if (span.kind === spanKind.consumer) continue;
    assert.ok(parent.endTimeUnixNano >= span.endTimeUnixNano, span.name);
  }
}
