import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalRequest } from '../../canonical-request.ts';
import { type Bytes, doubleField, field, join, message, varintField } from '../../wire-writer.ts';
import { RebuildHarness } from '../rebuild-harness.ts';

const harness = new RebuildHarness('metrics');

/** Returns one scope group with these metrics. */
function requestOf(...metrics: readonly Bytes[]): Bytes {
  return message(1, message(2, ...metrics.map((metric) => field(2, metric))));
}

function rebuilt(request: Bytes, isSelected?: (row: number) => boolean): string {
  const bytes = harness.rebuildOne(request, isSelected);
  return canonicalRequest('metrics', bytes).toString('hex');
}

function canonical(request: Bytes): string {
  return canonicalRequest('metrics', request).toString('hex');
}

const [gauge, sum, summary] = [5, 7, 11];
const point = (value: number) => message(1, doubleField(4, value));
const name = (text: string) => field(1, text);
const unknown = varintField(1000, 7);

const requests: Record<string, Bytes> = {
  'neighbours with equal columns stay two': requestOf(
    join(name('a'), message(gauge, point(1))),
    join(name('a'), message(gauge, point(1), point(2))),
  ),
  'without data': requestOf(name('a')),
  'with data that has no points': requestOf(message(sum, varintField(2, 2), varintField(3, 1))),
  'an empty one': requestOf(Buffer.alloc(0)),
  'an unknown field beside the data': requestOf(join(message(gauge, point(1)), unknown)),
  'an unknown field in the data': requestOf(message(sum, point(1), unknown, point(2))),
  'an unknown field, no points': requestOf(message(summary, unknown)),
  'data that came twice': requestOf(
    join(message(sum, point(1), varintField(2, 1)), message(sum, point(2), varintField(3, 1))),
  ),
  'data after other data': requestOf(
    join(message(gauge, point(1)), message(sum, point(2)), message(gauge, point(3))),
  ),
  'points forgotten by later data': requestOf(join(message(gauge, point(1)), field(sum, ''))),
  'a point with an unknown field': requestOf(
    message(gauge, message(1, doubleField(4, 1), unknown), point(2)),
  ),
  'a name that came twice': requestOf(join(name('a'), name('b'), message(gauge, point(1)))),
};
for (const [what, request] of Object.entries(requests)) {
  test(`metric: ${what}`, () => {
    assert.equal(rebuilt(request), canonical(request));
  });
}

test('metric: of the points the selected ones; a metric without any is left out', () => {
  const request = requestOf(
    join(name('a'), message(sum, point(1), point(2), varintField(2, 2))),
    join(name('b'), message(gauge, point(3))),
    name('c'),
  );
  const expected = requestOf(join(name('a'), message(sum, point(2), varintField(2, 2))), name('c'));
  assert.equal(
    rebuilt(request, (row) => row === 1 || row === 3),
    canonical(expected),
  );
});

test('metric: what was kept of it stands on its first row, which need not be selected', () => {
  const request = requestOf(join(name('a'), message(sum, point(1), point(2), unknown), unknown));
  const expected = requestOf(join(name('a'), message(sum, point(2), unknown), unknown));
  assert.equal(
    rebuilt(request, (row) => row === 1),
    canonical(expected),
  );
});
