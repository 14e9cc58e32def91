/** Tests the requests: exact counts, whole traces, grouped by instance, repeatable. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../../src/commands/generate/random.ts';
import { openShop } from '../../../src/commands/generate/shop.ts';
import type { Span } from '../../../src/commands/generate/telemetry.ts';
import { Traffic, type TrafficRequest } from '../../../src/commands/generate/traffic.ts';
import { assertTrees, endUnixNs } from './traces.ts';

function openTraffic(seed: number, spansPerRequest: number, spansTotal: number): Traffic {
  const random = new Random(seed);
  return new Traffic(openShop(random), random, { spansPerRequest, spansTotal });
}

function readAll(traffic: Traffic, nowUnixNs = endUnixNs): TrafficRequest[] {
  const requests: TrafficRequest[] = [];
  for (;;) {
    const request = traffic.next(nowUnixNs);
    if (request === undefined) return requests;
    requests.push(request);
  }
}

function spansOf(requests: readonly TrafficRequest[]): Span[] {
  return requests.flatMap(({ message }) =>
    message.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
  );
}

describe('traffic', () => {
  for (const spansTotal of [1, 7, 199, 200, 201, 1234, 5000]) {
    it(`next: ${spansTotal} spans are exactly as many, all but the last request full`, () => {
      const requests = readAll(openTraffic(1, 200, spansTotal));
      const counts = requests.map((request) => spansOf([request]).length);
      assert.deepEqual(
        requests.map(({ spanCount }) => spanCount),
        counts,
      );
      assert.equal(
        counts.reduce((sum, count) => sum + count),
        spansTotal,
      );
      assert.ok(
        counts.slice(0, -1).every((count) => count === 200),
        `${counts}`,
      );
    });
  }

  it('next: no trace is cut off, whatever the total', () => {
    for (let total = 50; total < 90; total++) {
      assertTrees(spansOf(readAll(openTraffic(total, 20, total))));
    }
  });

  it('next: most requests come from one instance or a few', () => {
    const requests = readAll(openTraffic(2, 200, 20_000)).slice(0, -5);
    const counts = requests.map(({ message }) => message.resourceSpans.length);
    assert.ok(Math.max(...counts) <= 5, `${counts}`);
    assert.ok(counts.reduce((sum, count) => sum + count) / counts.length < 3, `${counts}`);
  });

  it('next: a group has one resource, and each of its scopes once', () => {
    for (const { message } of readAll(openTraffic(3, 100, 2000))) {
      for (const { resource, scopeSpans } of message.resourceSpans) {
        assert.ok(resource.attributes.length > 10);
        const names = scopeSpans.map(({ scope }) => scope.name);
        assert.equal(new Set(names).size, names.length);
      }
    }
  });

  it('next: the same seed gives the same requests, moved in time', () => {
    const laterNs = 3_600_000_000_000n;
    const first = readAll(openTraffic(4, 100, 1000));
    const later = readAll(openTraffic(4, 100, 1000), endUnixNs + laterNs);
    const asText = (requests: readonly TrafficRequest[], movedNs: bigint) =>
      JSON.stringify(requests, (_key, value: unknown) =>
        typeof value === 'bigint' ? String(value - movedNs) : value,
      );
    assert.equal(asText(later, laterNs), asText(first, 0n));
    assert.notEqual(asText(readAll(openTraffic(5, 100, 1000)), 0n), asText(first, 0n));
  });

  it('next: spans end within the last moments, never in the future', () => {
    for (const { endTimeUnixNano } of spansOf(readAll(openTraffic(6, 200, 3000)))) {
      assert.ok(endTimeUnixNano <= endUnixNs);
      assert.ok(endTimeUnixNano > endUnixNs - 20_000_000_000n);
    }
  });

  it('close: what is held still goes out, with whole traces', () => {
    const traffic = openTraffic(7, 50, Number.POSITIVE_INFINITY);
    const before = [traffic.next(endUnixNs)!, traffic.next(endUnixNs)!];
    traffic.close();
    const after = readAll(traffic);
    assert.ok(after.length >= 3);
    assertTrees(spansOf([...before, ...after]));
  });
});
