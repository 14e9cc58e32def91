import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RequestRebuilder } from '../../src/columns/request-rebuilder.ts';
import { requestType } from '../../src/shared/otlp-messages.ts';
import { type Signal, signals } from '../../src/shared/signal.ts';
import { chooseSeed, TestRandom } from '../random.ts';
import { type ArchiveColumns, archiveBatch } from './archive-batch.ts';
import { canonicalRequest } from './canonical-request.ts';
import { receivedTime } from './decode/decoder-harness.ts';
import { fuzzRebuild } from './rebuild/fuzz.ts';
import { RebuildHarness } from './rebuild/rebuild-harness.ts';
import { RegularRequests } from './regular-requests.ts';
import { sampledSignals } from './sampled-signals.ts';
import {
  attribute,
  type Bytes,
  doubleField,
  field,
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
} from './wire-writer.ts';

/** Number of requests of each kind; `npm run test:fuzz` runs as many as requested. */
const requestCount = 100;
const mutationCount = 500;
const damageCount = 250;

/** Spans that hold something without a column; each is the only one of its request. */
const irregularSpans: Record<string, Bytes> = {
  'an unknown field': field(1000, 'from the future'),
  'a group': group(1000, varintField(1, 1), group(2)),
  'a name that came twice': join(field(5, 'a'), field(5, 'b')),
  'a status that came twice': join(message(15, field(2, 'a')), message(15, varintField(3, 2))),
  'an unknown field of the status': message(15, varintField(1, 1)),
  'an unknown field of an event': message(11, field(2, 'e'), field(9, 'x')),
  'an unknown field of a link': message(13, field(1, 'id'), field(9, 'x')),
  'a KeyValue without a value': field(9, field(1, 'key')),
  'a KeyValue with two values': field(9, join(field(1, 'key'), message(2), message(2))),
  'two members of one value': field(9, attribute('key', join(field(1, 'x'), varintField(3, 1)))),
  'an array that came twice': field(9, attribute('k', join(field(5, ''), message(5, message(1))))),
  'bytes in attributes': field(9, attribute('key', field(7, Uint8Array.of(1, 255)))),
  'bytes in an array': field(9, attribute('key', message(5, message(1, field(7, 'x'))))),
  NaN: field(9, attribute('key', doubleField(4, NaN))),
  Infinity: field(9, attribute('key', doubleField(4, Infinity))),
  'a name that is not UTF-8': field(5, Uint8Array.of(0x61, 0xff)),
  'a key that is not UTF-8': field(9, attribute('', field(1, Uint8Array.of(0xc3)))),
  'a time of 2^63 - 1': fixed64Field(7, 2n ** 63n - 1n),
  'a time of 2^64 - 1': fixed64Field(8, 2n ** 64n - 1n),
  'the time of an event': message(11, fixed64Field(1, 2n ** 63n)),
  key_strindex: field(9, join(stringAttribute('key', 'x'), varintField(3, 5))),
  string_value_strindex: field(9, attribute('key', varintField(8, 5))),
};

/** Spans that the columns represent completely, in unusual encodings. */
const unusualSpans: Record<string, Bytes> = {
  'nothing at all': noBytes,
  'fields in another order': join(field(5, 'a'), field(2, 'span'), field(1, 'trace')),
  'defaults that are written': join(field(5, ''), varintField(6, 0), fixed64Field(7, 0)),
  'varints that are too long': join(tag(6, 0), longVarint(3, 9), field(9, longKey('key', 'x'))),
  'an enum number without a name': join(varintField(6, 99), message(15, varintField(3, -1n))),
  'an empty status': message(15),
  'a key that came twice': join(
    field(9, stringAttribute('key', 'a')),
    field(9, stringAttribute('key', 'b')),
  ),
  'an empty value': field(9, attribute('key', noBytes)),
  'ids of other lengths': join(field(1, 'x'), field(2, 'long'.repeat(30)), field(4, 'y')),
  'a double of each kind': join(
    ...[0, -0, 1, 5e-324, 1e308, 0.1].map((value) =>
      field(9, attribute('d', doubleField(4, value))),
    ),
  ),
  'ints at the ends': join(
    ...[0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)].map((value) =>
      field(9, attribute('i', varintField(3, value))),
    ),
  ),
  'a time of 2^63 - 2': fixed64Field(7, 2n ** 63n - 2n),
  'an end before the start': join(fixed64Field(7, 2), fixed64Field(8, 1)),
};

/** A KeyValue in which the length of the value takes five bytes. */
function longKey(key: string, value: string): Bytes {
  const content = field(1, value);
  return join(field(1, key), tag(2, 2), longVarint(content.length, 5), content);
}

function encodedAnew(signal: Signal, bytes: Uint8Array): Buffer {
  const type = requestType(signal);
  return canonicalRequest(signal, type.encode(type.decode(bytes)).finish());
}

/** Returns a copy of the columns with one buffer changed, shortened or removed. */
function damageColumn(random: TestRandom, columns: ArchiveColumns): ArchiveColumns {
  const path = random.pick([...columns.keys()]);
  const { validity, offsets, data } = columns.get(path)!;
  const damaged = new Map(columns);
  if (random.chance(0.02)) damaged.delete(path);
  else if (offsets !== undefined && random.chance(0.2)) {
    const changed = Int32Array.from(offsets);
    changed[random.below(changed.length)]! += random.pick([1, -1, 1000, 2 ** 31]);
    damaged.set(path, { validity, offsets: changed, data });
  } else {
    const bytes = Buffer.from(data);
    for (let i = random.below(20); i >= 0 && bytes.length > 0; i--) {
      bytes[random.below(bytes.length)] = random.pick([0x22, 0x2c, 0x5b, 0x7b, random.below(256)]);
    }
    const kept = random.chance(0.1) ? random.below(bytes.length + 1) : bytes.length;
    damaged.set(path, { validity, offsets, data: bytes.subarray(0, kept) });
  }
  return damaged;
}

function canonical(bytes: Uint8Array): string {
  return canonicalRequest('traces', bytes).toString('hex');
}

describe('RequestRebuilder', () => {
  for (const signal of signals) {
    it(`${signal}: what the columns can say comes back byte for byte, canonically`, (t) => {
      const seed = chooseSeed();
      t.diagnostic(`SEED=${seed}`);
      const requests = new RegularRequests(new TestRandom(seed), signal);
      const rebuilder = new RebuildHarness(signal);
      for (let i = 0; i < requestCount; i++) {
        const request = requests.request();
        rebuilder.reset();
        if (rebuilder.decode(request) === 0) continue;
        const [rebuilt] = rebuilder.rebuild();
        assert.equal(rebuilt?.kind, 'request', `request ${i}`);
        const expected = canonicalRequest(signal, request);
        assert.ok(expected.equals(rebuilt.bytes), `request ${i} of SEED=${seed}`);
      }
    });
  }

  for (const sampled of sampledSignals) {
    const { signal, Requests } = sampled;
    for (const irregularity of [0.02, 0.3]) {
      it(`${signal}: whatever else came is the same message, irregularity ${irregularity}`, (t) => {
        const seed = chooseSeed();
        t.diagnostic(`SEED=${seed}`);
        const requests = new Requests(new TestRandom(seed), { irregularity });
        const rebuilder = new RebuildHarness(signal);
        for (let i = 0; i < requestCount; i++) {
          const request = requests.request();
          rebuilder.reset();
          if (rebuilder.decode(request) === 0) continue;
          const [rebuilt] = rebuilder.rebuild();
          assert.equal(rebuilt?.kind, 'request', `request ${i}`);
          const expected = canonicalRequest(signal, request);
          const found = canonicalRequest(signal, rebuilt.bytes);
          assert.equal(found.toString('hex'), expected.toString('hex'), `request ${i}`);
          // protobufjs, an independent implementation, agrees.
          assert.deepEqual(encodedAnew(signal, rebuilt.bytes), encodedAnew(signal, expected));
        }
      });
    }

    it(`${signal}: damaged requests that the decoder takes come back equal`, (t) => {
      const seed = chooseSeed();
      t.diagnostic(`SEED=${seed}`);
      const { taken } = fuzzRebuild(sampled, new TestRandom(seed), mutationCount);
      assert.ok(taken > mutationCount / 20, `only ${taken} were taken`);
    });
  }

  const traces = new RebuildHarness('traces');

  for (const [what, span] of Object.entries(irregularSpans)) {
    it(`irregular: ${what} is kept`, () => {
      const request = requestOf(span, field(5, 'a regular span'));
      const rebuilt = traces.rebuildOne(request);
      assert.equal(canonical(rebuilt), canonical(request));
      assert.ok(rebuilt.includes(span), 'it does not go out as it came');
    });
  }

  for (const [what, span] of Object.entries(unusualSpans)) {
    it(`regular: ${what} is written canonically`, () => {
      const request = requestOf(span);
      assert.equal(traces.rebuildOne(request).toString('hex'), canonical(request));
      assert.equal(traces.columns().get('otlp_extra')?.data.length, 0);
    });
  }

  it('irregular: entity_refs are kept with their resource', () => {
    const resource = message(1, field(3, field(2, 'service')), field(1, stringAttribute('a', 'b')));
    const request = message(1, resource, message(2, message(2, field(5, 'span'))));
    assert.equal(canonical(traces.rebuildOne(request)), canonical(request));
  });

  it('a batch: each request is told with its number, time and rows', () => {
    traces.reset();
    for (const spans of [3, 0, 1]) {
      traces.decode(requestOf(...Array.from({ length: spans }, () => field(5, 'span'))));
    }
    const found = traces.rebuild().map((request) => {
      assert.equal(request.kind, 'request');
      const { kind, bytes, ...told } = request;
      return { ...told, spans: bytes.length > 0 };
    });
    const shared = { signal: 'traces', receivedTime, spans: true };
    assert.deepEqual(found, [
      { ...shared, batchId: 1n, rows: 3 },
      { ...shared, batchId: 3n, rows: 1 },
    ]);
  });

  it('a batch: no row, no request', () => {
    traces.reset();
    assert.deepEqual(traces.rebuild(), []);
  });

  it('selection: rows, requests and counts are those that were selected', () => {
    traces.reset();
    const names = [['a', 'b', 'c'], ['d'], ['e', 'f']];
    for (const spans of names) traces.decode(requestOf(...spans.map((name) => field(5, name))));
    const selected = new Set([1, 2, 5]);
    const found = traces
      .rebuild((row) => selected.has(row))
      .map((request) => {
        assert.equal(request.kind, 'request');
        return [request.batchId, request.rows, Buffer.from(request.bytes)];
      });
    assert.deepEqual(found, [
      [1n, 2, requestOf(field(5, 'b'), field(5, 'c'))],
      [3n, 1, requestOf(field(5, 'f'))],
    ]);
    assert.deepEqual(
      traces.rebuild(() => false),
      [],
    );
  });

  it('a fault: row, column and request are told, and the requests behind it come', () => {
    traces.reset();
    for (const name of ['a', 'b', 'c']) {
      const attributes = field(9, stringAttribute(name, name));
      traces.decode(requestOf(field(5, `${name}1`), join(field(5, `${name}2`), attributes)));
    }
    const columns = traces.columns();
    const attributes = columns.get('attributes')!;
    const data = Buffer.from(attributes.data);
    data[data.indexOf('"b"') - 1] = 0x5b;
    columns.set('attributes', { ...attributes, data });
    const writer = new RequestRebuilder('traces');
    const first = [...writer.rebuild(archiveBatch(6, columns))];
    assert.deepEqual(
      first.map(({ kind }) => kind),
      ['request', 'fault', 'request'],
    );
    const what = 'an object is expected, at byte 0';
    assert.deepEqual(first[1], { kind: 'fault', batchId: 2n, row: 3, column: 'attributes', what });
    const [, second] = [...writer.rebuild(archiveBatch(6, columns))];
    assert.deepEqual(second, { ...first[1], row: 9 }, 'rows are counted on over batches');
  });

  it('a fault: a batch without a column is told as a whole', () => {
    traces.reset();
    traces.decode(requestOf(field(5, 'a')));
    const columns = traces.columns();
    columns.delete('events.item.name');
    const found = [...new RequestRebuilder('traces').rebuild(archiveBatch(1, columns))];
    const what = 'the batch has no such column';
    assert.deepEqual(found, [{ kind: 'fault', row: 0, column: 'events.item.name', what }]);
  });

  for (const sampled of sampledSignals) {
    const { signal } = sampled;
    it(`${signal}: damaged columns give requests or faults, and always an end`, (t) => {
      const seed = chooseSeed();
      t.diagnostic(`SEED=${seed}`);
      const random = new TestRandom(seed);
      const rebuilder = new RebuildHarness(signal);
      const requests = new sampled.Requests(random, { irregularity: 0.05 });
      for (let i = 0; i < 20; i++) rebuilder.decode(requests.request());
      const columns = rebuilder.columns();
      const { rows } = rebuilder;
      const found = { request: 0, fault: 0 };
      for (let i = 0; i < damageCount; i++) {
        const damaged = damageColumn(random, columns);
        const rebuilt = new RequestRebuilder(signal).rebuild(archiveBatch(rows, damaged));
        for (const { kind } of rebuilt) found[kind]++;
      }
      t.diagnostic(JSON.stringify(found));
      assert.ok(found.request > 0 && found.fault > 0);
    });
  }
});
