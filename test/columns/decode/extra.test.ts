import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import protobuf from 'protobufjs';
import { BatchEncoder } from '../../../src/columns/arrow/batch-encoder.ts';
import { nativeCompress, zstdLevel } from '../../../src/columns/arrow/zstd.ts';
import { decodeResult } from '../../../src/columns/request-decoder.ts';
import { signalNumber } from '../../../src/shared/signal.ts';
import { chooseSeed, TestRandom } from '../../random.ts';
import { readArrowRows } from '../arrow-batch.ts';
import { RandomTraces } from '../random-traces.ts';
import {
  attribute,
  type Bytes,
  doubleField,
  field,
  fixed32Field,
  fixed64Field,
  group,
  join,
  longVarint,
  message,
  noBytes,
  requestOf,
  stringAttribute,
  tag,
  varintField,
} from '../wire-writer.ts';
import { DecoderHarness, plenty, type Value } from './decoder-harness.ts';

const traces = signalNumber('traces');
const extraType = protobuf
  .parse(`
    syntax = "proto3";
    message OtlpExtra {
      optional bytes request = 1;
      optional bytes resource_group = 2;
      optional bytes resource = 3;
      optional bytes scope_group = 4;
      optional bytes scope = 5;
      optional bytes metric = 6;
      optional bytes record = 7;
      optional bool no_points = 8;
    }`)
  .root.lookupType('OtlpExtra');

type Parts = Readonly<Record<string, unknown>>;

const harness = new DecoderHarness();

/** Returns the parts of a value of the column, as hex; null if it is NULL. */
function partsOf(value: Value | undefined): Parts | null {
  if (value === null) return null;
  assert.ok(typeof value === 'string' && value.length > 0);
  const decoded = extraType.decode(Buffer.from(value, 'hex'));
  return extraType.toObject(decoded, { bytes: String, longs: String });
}

/** Returns the parts of each row of a request. */
function extraOf(request: Uint8Array): (Parts | null)[] {
  return harness.rowsOf(request).map((row) => inHex(partsOf(row.otlp_extra)));
}

/** Converts bytes from base64, which protobufjs returns. */
function inHex(parts: Parts | null): Parts | null {
  if (parts === null) return null;
  const entries = Object.entries(parts).map(([name, part]) => {
    return [name, Buffer.from(String(part), 'base64').toString('hex')];
  });
  return Object.fromEntries(entries);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

const stranger = varintField(99, 5);
const notUtf8 = Buffer.from([0x61, 0xff]);
const plain = message(2, field(5, 'plain'));

/** Returns the content of a KeyValue. */
const irregularKeyValues: readonly [name: string, keyValue: Bytes][] = [
  ['an unknown field', join(stringAttribute('k', 'v'), stranger)],
  ['no value', field(1, 'k')],
  ['a key twice', join(field(1, 'a'), stringAttribute('k', 'v'))],
  ['a value twice', join(stringAttribute('k', 'v'), message(2))],
  ['a key that is not UTF-8', join(field(1, notUtf8), message(2, field(1, 'v')))],
  ['an index instead of a key', join(varintField(3, 1), message(2, field(1, 'v')))],
  ['a string that is not UTF-8', stringAttribute('k', notUtf8)],
  ['bytes', attribute('k', field(7, 'bytes'))],
  ['NaN', attribute('k', doubleField(4, NaN))],
  ['infinity', attribute('k', doubleField(4, -Infinity))],
  ['an index instead of a string', attribute('k', varintField(8, 1))],
  ['an unknown field in the value', attribute('k', stranger)],
  ['two members of the value', attribute('k', join(field(1, 'v'), varintField(3, 1)))],
  ['a list twice', attribute('k', join(message(5), message(5)))],
  ['an unknown field in an array', attribute('k', message(5, stranger))],
  ['bytes in an array', attribute('k', message(5, message(1, field(7, ''))))],
  ['an unknown field in a list', attribute('k', message(6, stranger))],
  ['no value in a list', attribute('k', message(6, message(1, field(1, 'k'))))],
];

const spans: readonly [name: string, span: Bytes][] = [
  ...irregularKeyValues.flatMap(([name, keyValue]): [string, Bytes][] => [
    [`an attribute with ${name}`, field(9, keyValue)],
    [`an event's attribute with ${name}`, message(11, field(3, keyValue))],
    [`a link's attribute with ${name}`, message(13, field(4, keyValue))],
  ]),
  ['an unknown field', stranger],
  ['an unknown group', group(99, varintField(1, 1), group(2))],
  ['a field that newer versions may have', message(17, field(1, 'new'))],
  ['a trace id twice', join(field(1, 'a'), field(1, 'b'))],
  ['a trace state that is not UTF-8', field(3, notUtf8)],
  ['a name twice', join(field(5, 'a'), field(5, 'a'))],
  ['a name that is not UTF-8', field(5, notUtf8)],
  ['a kind twice', join(varintField(6, 1), varintField(6, 1))],
  ['a start time twice', join(fixed64Field(7, 1), fixed64Field(7, 1))],
  ['a start time of 2^63 - 1', fixed64Field(7, 2n ** 63n - 1n)],
  ['an end time of 2^64 - 1', fixed64Field(8, 2n ** 64n - 1n)],
  ['a count twice', join(varintField(10, 1), varintField(10, 1))],
  ['flags twice', join(fixed32Field(16, 1), fixed32Field(16, 1))],
  ['a status twice', join(message(15), message(15))],
  ['a status with an unknown field', message(15, stranger)],
  ['a status with a code twice', message(15, varintField(3, 1), varintField(3, 1))],
  ['a status with a message that is not UTF-8', message(15, field(2, notUtf8))],
  ['an event with an unknown field', message(11, stranger)],
  ['an event with a name twice', message(11, field(2, 'a'), field(2, 'b'))],
  ['an event with a name that is not UTF-8', message(11, field(2, notUtf8))],
  ['an event of 2^63', message(11, fixed64Field(1, 2n ** 63n))],
  ['a link with an unknown field', message(13, stranger)],
  ['a link with an id twice', message(13, field(2, 'a'), field(2, 'b'))],
  ['a link with a trace state that is not UTF-8', message(13, field(3, notUtf8))],
];

test('extra: a span that the columns cannot say is kept whole on its own row', () => {
  for (const [name, content] of spans) {
    const span = join(field(5, 'before'), content, fixed64Field(7, 1));
    const isTwice = name.startsWith('a start time') || name.startsWith('a name');
    const whole = isTwice ? content : span;
    const request = message(1, message(2, plain, field(2, whole), plain, field(2, whole)));
    const kept = { record: hex(whole) };
    assert.deepEqual(extraOf(request), [null, kept, null, kept], name);
  }
});

const resources: readonly [name: string, content: Bytes][] = [
  ...irregularKeyValues.map(([name, keyValue]): [string, Bytes] => [
    `an attribute with ${name}`,
    field(1, keyValue),
  ]),
  ['an unknown field', stranger],
  ['a count twice', join(varintField(2, 1), varintField(2, 1))],
  ['an entity', message(3, field(2, 'service'))],
];

test('extra: a resource that the columns cannot say is kept on the first row of its group', () => {
  for (const [name, content] of resources) {
    const resource = join(field(1, stringAttribute('service.name', 'shop')), content);
    const scopes = join(message(2), message(2, plain, plain), message(2, plain));
    const request = join(
      message(1, message(2, plain)),
      message(1, scopes, field(1, resource), field(3, 'url')),
      message(1, message(1), message(2, plain)),
    );
    const kept = { resource: hex(resource) };
    assert.deepEqual(extraOf(request), [null, kept, null, null, null], name);
  }
});

const scopes: readonly [name: string, content: Bytes][] = [
  ...irregularKeyValues.map(([name, keyValue]): [string, Bytes] => [
    `an attribute with ${name}`,
    field(3, keyValue),
  ]),
  ['an unknown field', stranger],
  ['a name that is not UTF-8', field(1, notUtf8)],
  ['a name twice', join(field(1, 'a'), field(1, 'b'))],
  ['a version that is not UTF-8', field(2, notUtf8)],
  ['a count twice', join(varintField(4, 1), varintField(4, 1))],
];

test('extra: a scope that the columns cannot say is kept on the first row of its group', () => {
  for (const [name, scope] of scopes) {
    const request = message(
      1,
      message(2, plain),
      message(2, plain, field(1, scope), plain, field(3, 'url')),
      message(2, message(1), plain),
    );
    assert.deepEqual(extraOf(request), [null, { scope: hex(scope) }, null, null], name);
  }
});

const besides: readonly [name: string, fields: readonly Bytes[]][] = [
  ['an unknown field', [stranger]],
  ['an unknown field beside the URL', [field(3, 'url'), stranger]],
  ['a URL that is not UTF-8', [field(3, notUtf8)]],
  ['a URL twice', [field(3, 'a'), field(3, 'b')]],
  ['a group', [group(99, field(1, 'x'))]],
  ['fields here and there', [stranger, field(3, 'url'), field(100, 'hidden')]],
];

test('extra: what stands in a group beside its messages is kept on its first row', () => {
  for (const [name, fields] of besides) {
    const [first = noBytes, second = noBytes, third = noBytes] = fields;
    const scopeGroup = join(first, plain, second, message(1, field(1, 'lib')), plain, third);
    assert.deepEqual(
      extraOf(message(1, message(2, plain), field(2, scopeGroup))),
      [null, { scopeGroup: hex(join(...fields)) }, null],
      name,
    );
    const resourceGroup = join(first, message(2, plain), second, message(1), message(2), third);
    assert.deepEqual(
      extraOf(join(requestOf(noBytes), message(1, resourceGroup, message(2, plain)))),
      [null, { resourceGroup: hex(join(...fields)) }, null],
      name,
    );
  }
});

test('extra: what stands in the request is kept on its first row', () => {
  const url = field(3, 'no URL here');
  const request = join(stranger, message(1), requestOf(noBytes, noBytes), url, varintField(2, 1));
  const kept = { request: hex(join(stranger, url, varintField(2, 1))) };
  assert.deepEqual(extraOf(request), [kept, null]);
});

test('extra: messages that come twice are kept as the one that they make', () => {
  const lib = field(1, 'lib');
  const group = join(message(1, lib), plain, message(1, field(2, '1')), message(1));
  const resources = join(message(1, varintField(2, 1)), message(1, varintField(2, 2)));
  assert.deepEqual(extraOf(message(1, resources, message(2, plain), field(2, group))), [
    { resource: hex(join(varintField(2, 1), varintField(2, 2))) },
    { scope: hex(join(lib, field(2, '1'))) },
  ]);
});

test('extra: a part may be there and empty', () => {
  const request = message(1, message(1), message(1), message(2, message(1), message(1), plain));
  assert.deepEqual(extraOf(request), [{ resource: '', scope: '' }]);
  assert.equal(harness.rowsOf(request)[0]!.otlp_extra, '1a002a00');
});

test('extra: all parts of a row stand in the order of their numbers', () => {
  const scopeGroup = join(message(2, stranger), message(1, stranger), stranger);
  const group = join(message(1, stranger), field(2, scopeGroup), stranger);
  const whole = hex(stranger);
  const others = `${[1, 2, 3, 4, 5, 7].map((part) => hex(field(part, stranger))).join('')}`;
  const rows = harness.rowsOf(join(stranger, field(1, group), field(1, group)));
  assert.equal(rows[0]!.otlp_extra, others);
  assert.equal(rows[1]!.otlp_extra, others.slice(hex(field(1, stranger)).length));
  assert.deepEqual(Object.values(inHex(partsOf(rows[0]!.otlp_extra))!), Array(6).fill(whole));
});

test('extra: groups without rows leave nothing', () => {
  const empty = join(message(2, stranger, message(1, stranger)), message(1, stranger), stranger);
  assert.deepEqual(extraOf(join(stranger, field(1, empty))), []);
  const request = join(field(1, empty), message(1, message(2, message(1, stranger))));
  assert.deepEqual(extraOf(join(request, requestOf(noBytes))), [null]);
});

const regularSpans: readonly [name: string, span: Bytes][] = [
  ['nothing', noBytes],
  ['defaults that are written', join(field(5, ''), varintField(6, 0), fixed64Field(7, 0))],
  ['long varints', join(tag(10, 0), longVarint(5, 10))],
  ['long tags and lengths', join(longVarint((5 << 3) | 2, 5), longVarint(1, 9), Buffer.from('a'))],
  ['numbers beyond 32 bits', join(varintField(6, 2n ** 40n), varintField(10, 2n ** 63n))],
  ['kinds without a name', varintField(6, -7)],
  ['a code without a name', message(15, varintField(3, 2n ** 31n - 1n))],
  ['an empty status, event and link', join(message(15), message(11), message(13))],
  ['fields in another order', join(fixed32Field(16, 1), field(5, 'a'), field(1, 'id'))],
  ['the greatest time', fixed64Field(7, 2n ** 63n - 2n)],
  ['equal keys', join(field(9, stringAttribute('k', 'a')), field(9, stringAttribute('k', 'b')))],
  ['an empty value', field(9, attribute('k', noBytes))],
  ['no key', message(9, message(2, field(1, 'v')))],
  ['the value before the key', message(9, message(2, varintField(3, 1)), field(1, 'k'))],
  ['a boolean of 2', field(9, attribute('k', varintField(2, 2)))],
  ['-0', field(9, attribute('k', doubleField(4, -0)))],
  ['an empty value in an array', field(9, attribute('k', message(5, message(1))))],
  ['ids of any length', join(field(1, 'x'), field(2, ''), field(4, notUtf8))],
];

test('extra: what the columns can say leaves NULL, however it is written', () => {
  for (const [name, span] of regularSpans) {
    assert.deepEqual(extraOf(requestOf(plain.subarray(2), span)), [null, null], name);
  }
});

/** A regular request: the columns can represent all of it. */
class RegularTraces extends RandomTraces {
  protected override keyValue(level: number): Bytes {
    return join(
      this.maybe(() => field(1, this.text())),
      field(2, this.anyValue(level)),
    );
  }

  protected override anyValue(level: number): Bytes {
    const { random } = this;
    const several = (number: number, make: () => Bytes) =>
      message(number, ...random.several(3, () => field(1, make())));
    const members = [
      () => field(1, this.text()),
      () => varintField(2, random.below(2)),
      () => varintField(3, this.number()),
      () => doubleField(4, random.uint32() / 1000),
      () => noBytes,
      () => several(5, () => this.anyValue(level + 1)),
      () => several(6, () => this.keyValue(level + 1)),
    ];
    return random.pick(members.slice(0, level < 4 ? members.length : 5))();
  }

  protected override time(): bigint {
    return this.random.uint64() >> 1n;
  }
}

test('extra: random requests that the columns can say leave NULL', (t) => {
  const seed = chooseSeed();
  t.diagnostic(`SEED=${seed}`);
  const traces = new RegularTraces(new TestRandom(seed), { irregularity: 0 });
  const irregularBefore = harness.decoder.irregularRequestCount();
  harness.reset();
  for (let i = 0; i < 1000; i++) harness.decode(traces.request());
  assert.ok(harness.rows().every((row) => row.otlp_extra === null));
  assert.equal(harness.decoder.irregularRequestCount(), irregularBefore);
});

const irregularRequest = join(stranger, requestOf(stranger, noBytes, field(5, notUtf8)));

test('extra: a refused request leaves nothing, neither behind nor for the next', () => {
  const damaged = join(irregularRequest, tag(99, 2));
  harness.reset();
  harness.decode(irregularRequest);
  const kept = harness.snapshot();
  assert.equal(harness.decode(damaged), decodeResult.malformed);
  assert.ok(harness.snapshot().equals(kept));
  assert.equal(harness.decode(requestOf(noBytes, noBytes)), 2);
  assert.deepEqual(
    harness
      .rows()
      .slice(3)
      .map((row) => row.otlp_extra),
    [null, null],
  );
});

test('extra: rows that are forgotten take their extra with them', () => {
  for (const rows of [0, 1, 3, 4, 6]) {
    harness.reset();
    harness.decode(irregularRequest);
    harness.decode(irregularRequest);
    const extra = harness.rows().map((row) => row.otlp_extra);
    assert.deepEqual(extra.slice(3), extra.slice(0, 3));
    harness.decoder.truncate(traces, rows);
    assert.deepEqual(
      harness.rows().map((row) => row.otlp_extra),
      extra.slice(0, rows),
    );
    harness.decode(requestOf(noBytes));
    harness.decode(irregularRequest);
    const expected = [...extra.slice(0, rows), null, ...extra.slice(0, 3)];
    assert.deepEqual(
      harness.rows().map((row) => row.otlp_extra),
      expected,
    );
  }
  harness.reset();
  assert.deepEqual(harness.rows(), []);
});

test('extra: requests are irregular by themselves, not by the one before', () => {
  harness.reset();
  for (const request of [irregularRequest, requestOf(noBytes), irregularRequest])
    harness.decode(request);
  const extra = harness.rows().map((row) => row.otlp_extra !== null);
  assert.deepEqual(extra, [true, false, true, false, true, false, true]);
});

test('extra: what is kept counts as held, and is refused where it would be too much', () => {
  const hidden = field(99, Buffer.alloc(100_000, 1));
  const small = requestOf(hidden, hidden);
  const many = message(1, message(2, ...Array(20_000).fill(join(plain, stranger))));
  for (const request of [small, many]) {
    harness.reset();
    harness.decode(request);
    const held = Number(harness.decoder.heldBytes(traces));
    assert.ok(held > request.length);
    const fresh = new DecoderHarness();
    fresh.decode(requestOf(noBytes));
    const kept = fresh.snapshot();
    for (const limit of [held / 4, held / 2, held - 1]) {
      assert.equal(fresh.decode(request, Math.floor(limit)), decodeResult.tooLarge);
      assert.ok(fresh.snapshot().equals(kept));
    }
    assert.ok(fresh.decode(request, plenty) > 0);
  }
});

test('extra: what is noted while a request is read counts as held', () => {
  const empty = join(stranger, message(1));
  const request = join(requestOf(noBytes), ...Array(100_000).fill(empty));
  harness.reset();
  harness.decode(requestOf(noBytes));
  assert.equal(harness.decode(request, 2 * request.length), decodeResult.tooLarge);
  assert.equal(harness.decode(request, 4 * request.length), 1);
  assert.ok(harness.decoder.heldBytes(traces) < request.length);
});

test('extra: many requests take no more memory than the first ones', () => {
  const fresh = new DecoderHarness();
  const many = message(1, message(2, ...Array(50_000).fill(field(2, stranger))));
  let memory = 0;
  for (let times = 0; times < 20; times++) {
    fresh.decode(many);
    fresh.reset();
    if (times === 5) memory = fresh.decoder.memory.buffer.byteLength;
  }
  assert.equal(fresh.decoder.memory.buffer.byteLength, memory);
});

/** The rows of the example in docs/format/segment.md, as hex. */
function exampleRows(): string[] {
  const page = readFileSync(new URL('../../../../docs/format/segment.md', import.meta.url), 'utf8');
  const [, block] = /```extra\n([^`]*)```/.exec(page) ?? [];
  assert.ok(block !== undefined);
  const lines = block.trimEnd().split('\n');
  const bytes = lines.map((line) => line.slice(7).split('  ')[0]!.replaceAll(' ', ''));
  const second = lines.findIndex((line) => line.startsWith('row 1'));
  return [bytes.slice(0, second).join(''), bytes.slice(second).join('')];
}

test('extra: the example in segment.md is what is written', () => {
  const resource = field(1, attribute('id', field(7, Uint8Array.of(1, 0xff))));
  const second = field(5, Uint8Array.of(0x62, 0xff));
  const spans = message(2, message(2, field(5, 'a')), field(2, second));
  const rows = harness.rowsOf(message(1, field(1, resource), spans));
  assert.deepEqual(
    rows.map((row) => row.otlp_extra),
    exampleRows(),
  );
  assert.equal(rows[0]!.resource_attributes, '{"id":"Af8="}');
  assert.equal(rows[1]!.name, 'b\ufffd');
});

test('extra: apache-arrow reads it', () => {
  harness.reset();
  harness.decode(requestOf(noBytes));
  harness.decode(irregularRequest);
  const expected = harness.rows();
  for (const compression of ['none', 'zstd'] as const) {
    const encoder = new BatchEncoder(harness.decoder, compression, nativeCompress(zstdLevel));
    const rows = readArrowRows(encoder.encode('traces'), 'traces');
    assert.deepEqual(
      rows.map((row) => row.otlp_extra),
      expected.map((row) => row.otlp_extra),
    );
    assert.deepEqual(inHex(partsOf(rows[1]!.otlp_extra)), {
      request: hex(stranger),
      record: hex(stranger),
    });
  }
});
