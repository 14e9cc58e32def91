import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryKind, readCutTable } from '../../src/columns/arrow/cut-table.ts';
import { distinctTexts } from '../../src/columns/arrow/run-column.ts';
import { decodeResult } from '../../src/columns/request-decoder.ts';
import { signalNumber } from '../../src/shared/signal.ts';
import { chooseSeed, TestRandom } from '../random.ts';
import { DecoderHarness, plenty, receivedTime } from './decode/decoder-harness.ts';
import { sampledSignals } from './sampled-signals.ts';
import {
  type Bytes,
  field,
  fixed64Field,
  join,
  message,
  noBytes,
  requestOf,
  stringAttribute,
} from './wire-writer.ts';

const { malformed, tooLarge } = decodeResult;
const traces = signalNumber('traces');
const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
/** The most bytes that a text column may hold. */
const columnBytesMax = 0x7fff0000;

function memoryBytes(harness: DecoderHarness): number {
  return harness.decoder.memory.buffer.byteLength;
}

function withService(name: string, ...spans: readonly Bytes[]): Bytes {
  const resource = message(1, field(1, stringAttribute('service.name', name)));
  return message(1, resource, message(2, ...spans.map((span) => field(2, span))));
}

test('RequestDecoder: starts with a few MiB', () => {
  assert.ok(memoryBytes(new DecoderHarness()) < 10 * MiB);
});

test('RequestDecoder: reserved and allocated memory is aligned and does not overlap', () => {
  const { decoder } = new DecoderHarness();
  const blocks = [1, 63, 64, 65, 100_000, 3 * MiB, 1].flatMap((bytes) => [
    { address: decoder.reserve(bytes), bytes },
    { address: decoder.allocate(bytes), bytes },
  ]);
  blocks.sort((a, b) => a.address - b.address);
  for (const [i, { address, bytes }] of blocks.entries()) {
    assert.equal(address % 64, 0);
    assert.ok(address + bytes <= (blocks[i + 1]?.address ?? decoder.bytes.length));
  }
});

test('RequestDecoder: memory that cannot be had is address 0, not a trap', () => {
  const { decoder } = new DecoderHarness();
  assert.equal(decoder.allocate(0xffffffff), 0);
  assert.equal(decoder.reserve(0xffffffff), 0);
  assert.ok(decoder.allocate(3 * GiB) > 0);
  assert.equal(decoder.allocate(GiB), 0);
  assert.ok(decoder.allocate(1) > 0);
});

test('RequestDecoder: memory that was given back is used again', () => {
  const harness = new DecoderHarness();
  const { decoder } = harness;
  const first = [1, 2, 3].map(() => decoder.allocate(4 * MiB));
  for (const address of first) decoder.free(address);
  const grown = memoryBytes(harness);
  assert.equal(decoder.allocate(12 * MiB), first[0]);
  assert.equal(memoryBytes(harness), grown);
});

test('RequestDecoder: bytes shows all of the memory after it has grown', () => {
  const { decoder } = new DecoderHarness();
  const before = decoder.bytes.length;
  const address = decoder.reserve(2 * before);
  decoder.bytes[address + 2 * before - 1] = 7;
  assert.equal(decoder.bytes.length, decoder.memory.buffer.byteLength);
  assert.equal(decoder.bytes[address + 2 * before - 1], 7);
});

for (const { signal, Requests, rows } of sampledSignals) {
  test(`batch: ${signal} one after the other give the rows of all, each with its own id`, (t) => {
    const seed = chooseSeed();
    t.diagnostic(`SEED=${seed}`);
    const samples = new Requests(new TestRandom(seed), { irregularity: 0.05 });
    const harness = new DecoderHarness(signal);
    for (let batch = 0; batch < 5; batch++) {
      const requests = Array.from({ length: 60 }, () => samples.request());
      const expected = requests.flatMap((request, i) => rows(request, BigInt(i + 1)));
      for (const request of requests) assert.ok(harness.decode(request) >= 0);
      assert.equal(harness.decoder.rows(signalNumber(signal)), expected.length);
      assert.deepEqual(harness.rows(), expected);
      harness.reset();
      assert.equal(harness.decoder.rows(signalNumber(signal)), 0);
    }
  });

  test(`batch: requests of ${signal} can be taken back, one or all`, (t) => {
    const seed = chooseSeed();
    t.diagnostic(`SEED=${seed}`);
    const random = new TestRandom(seed);
    const samples = new Requests(random, { irregularity: 0.05 });
    const harness = new DecoderHarness(signal);
    const marks = Array.from({ length: 30 }, () => {
      const mark = {
        rows: harness.decoder.rows(signalNumber(signal)),
        snapshot: harness.snapshot(),
      };
      assert.ok(harness.decode(samples.request()) >= 0);
      return mark;
    });
    for (const mark of [marks[29]!, marks[28]!, marks[10]!, marks[0]!]) {
      harness.decoder.truncate(signalNumber(signal), mark.rows + 1000);
      harness.decoder.truncate(signalNumber(signal), mark.rows);
      assert.equal(harness.decoder.rows(signalNumber(signal)), mark.rows);
      assert.ok(harness.snapshot().equals(mark.snapshot), `to ${mark.rows} rows`);
    }
  });

  test(`limit: held bytes of ${signal} are those of the buffers, and no bitmap more`, (t) => {
    const seed = chooseSeed();
    t.diagnostic(`SEED=${seed}`);
    const samples = new Requests(new TestRandom(seed), { irregularity: 0 });
    const harness = new DecoderHarness(signal);
    for (let i = 0; i < 100; i++) harness.decode(samples.request());
    const bytes = harness.buffers().buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    const held = harness.decoder.heldBytes(signalNumber(signal));
    const bitmaps = harness.decoder.rows(signalNumber(signal)) * 4;
    assert.ok(held >= bytes && held <= bytes + bitmaps, `${held} held, ${bytes} written`);
  });
}

test('batch: an empty one can be cut', () => {
  assert.deepEqual(new DecoderHarness().rows(), []);
});

test('batch: refused requests between others leave no trace, in runs that go on neither', () => {
  const requests = [
    withService('a', field(5, '1')),
    withService('a', field(5, '2'), field(5, '3')),
    withService('b', field(5, '4')),
    withService('b', field(5, '5')),
  ];
  const harness = new DecoderHarness();
  const clean = new DecoderHarness();
  for (const request of requests) {
    for (const damage of [Buffer.from([0x07]), withService('a').subarray(0, -1)]) {
      assert.equal(harness.decode(join(request, request, damage)), malformed);
    }
    assert.ok(harness.decode(request) > 0);
    assert.ok(clean.decode(request) > 0);
    assert.ok(harness.snapshot().equals(clean.snapshot()));
  }
  assert.deepEqual(harness.rows(), clean.rows());
});

test('batch: equal values of neighbouring requests are one run', () => {
  const harness = new DecoderHarness();
  for (let i = 0; i < 5; i++) harness.decode(withService('same', noBytes));
  const { decoder } = harness;
  const words = new Uint32Array(decoder.memory.buffer, decoder.servicesRun(traces), 3);
  assert.equal(words[1], 12);
  assert.equal(new Uint32Array(decoder.memory.buffer, words[0]!, 3)[0], 5);
});

test('batch: tells its first and last times and its services', () => {
  const harness = new DecoderHarness();
  const { decoder } = harness;
  assert.equal(decoder.firstTime(traces), 0n);
  assert.equal(decoder.lastTime(traces), 0n);
  assert.equal(decoder.firstReceivedTime(traces), 0n);
  harness.decode(withService('b', fixed64Field(7, 30), noBytes, fixed64Field(7, 10)));
  harness.decode(withService('a', fixed64Field(7, 20)));
  harness.decode(requestOf(noBytes));
  harness.decode(withService('b', noBytes));
  assert.equal(decoder.firstTime(traces), 10n);
  assert.equal(decoder.lastTime(traces), 30n);
  assert.equal(decoder.firstReceivedTime(traces), receivedTime);
  assert.equal(decoder.lastReceivedTime(traces), receivedTime);
  const services = distinctTexts(decoder.memory.buffer, decoder.servicesRun(traces));
  assert.deepEqual(services, ['b', 'a']);
});

test('batch: tells where its binary trace ids are, with offsets that count hex digits', () => {
  const harness = new DecoderHarness();
  harness.decode(requestOf(field(1, 'abc'), noBytes, field(1, 'de')));
  const { decoder } = harness;
  const [data, offsets] = new Uint32Array(decoder.memory.buffer, decoder.traceIds(traces), 2);
  assert.deepEqual([...new Uint32Array(decoder.memory.buffer, offsets, 4)], [0, 6, 6, 10]);
  assert.equal(Buffer.from(decoder.bytes.slice(data, data! + 5)).toString(), 'abcde');
});

test('cut: names the shape of what it knows, and materialise writes no further than it may', () => {
  const harness = new DecoderHarness();
  harness.decode(withService('s', field(1, Buffer.alloc(16, 0xab)), fixed64Field(7, 5)));
  const { decoder } = harness;
  const count = decoder.cut(traces);
  const entries = readCutTable(decoder.memory.buffer, decoder.cutTable(), count);
  const kinds = new Set(entries.map(({ kind }) => kind));
  assert.deepEqual([...kinds].sort(), Object.values(entryKind).sort());
  const nodes = entries.filter(({ kind }) => kind === entryKind.node);
  assert.equal(nodes.length, 44);
  const target = decoder.allocate(64 * KiB);
  for (const { entry, kind, bytes } of entries) {
    if (kind === entryKind.node) continue;
    decoder.bytes.fill(0xee, target, target + bytes + 64);
    decoder.materialise(target, entry);
    const behind = decoder.bytes.subarray(target + bytes + 32, target + bytes + 64);
    assert.ok(behind.every((byte) => byte === 0xee));
  }
});

test('limit: a request that fits exactly is taken, one byte less refuses and undoes it', () => {
  const harness = new DecoderHarness();
  const request = withService('s', field(5, 'x'.repeat(1000)), field(9, stringAttribute('k', 'v')));
  assert.equal(harness.decode(request), 2);
  const held = harness.decoder.heldBytes(traces);
  harness.reset();
  assert.equal(harness.decode(request, held), 2);
  const kept = harness.snapshot();
  assert.equal(harness.decode(request, held), tooLarge);
  assert.ok(harness.snapshot().equals(kept));
  harness.reset();
  assert.equal(harness.decode(request, held - 1), tooLarge);
  assert.deepEqual(harness.rows(), []);
});

/**
 * Requests that grow far beyond their own size. None may take much more memory than the limit
 * allows.
 */
const swelling: Readonly<Record<string, Bytes>> = {
  'control characters in a value': requestOf(
    field(9, stringAttribute('k', Buffer.alloc(20 * MiB, 1))),
  ),
  'control characters in a key': requestOf(message(9, field(1, Buffer.alloc(20 * MiB, 1)))),
  'bytes that are not UTF-8': requestOf(field(5, Buffer.alloc(20 * MiB, 0xff))),
  'empty spans': message(1, message(2, Buffer.alloc(8 * MiB, message(2)))),
  'empty events': requestOf(Buffer.alloc(16 * MiB, message(11))),
  'empty links': requestOf(Buffer.alloc(16 * MiB, message(13))),
  'empty attributes': requestOf(Buffer.alloc(16 * MiB, message(9))),
  'empty elements of an array': requestOf(
    message(9, message(2, field(5, Buffer.alloc(16 * MiB, message(1))))),
  ),
  'attributes of a resource': message(
    1,
    message(2, message(2)),
    field(1, Buffer.alloc(16 * MiB, message(1))),
  ),
  'attributes of a scope': message(
    1,
    message(2, message(2), field(1, Buffer.alloc(16 * MiB, message(3)))),
  ),
};

for (const [name, request] of Object.entries(swelling)) {
  test(`limit: ${name} are refused before they fill the memory`, () => {
    const harness = new DecoderHarness();
    const limit = 16 * MiB;
    const before = memoryBytes(harness) + 2 * request.length;
    assert.equal(harness.decode(request, limit), tooLarge);
    assert.deepEqual(harness.rows(), []);
    const grown = memoryBytes(harness) - before;
    assert.ok(grown < 3 * limit, `${grown} bytes more`);
  });
}

test('limit: a repeated value counts as often as it is repeated', () => {
  const harness = new DecoderHarness();
  const resource = message(1, field(1, stringAttribute('k', 'v'.repeat(64 * KiB))));
  const request = message(1, resource, message(2, Buffer.alloc(2000, message(2))));
  assert.equal(harness.decode(request, 60 * MiB), tooLarge);
  assert.equal(harness.decode(request, 128 * MiB), 1000);
});

test('limit: no column takes more than offsets of 32 bits can count', () => {
  const harness = new DecoderHarness();
  const valueBytes = MiB;
  const rows = Math.floor(columnBytesMax / valueBytes);
  const schemaUrl = field(3, Buffer.alloc(valueBytes, 0x61));
  const group = (count: number) =>
    message(1, message(2, Buffer.alloc(2 * count, message(2))), schemaUrl);
  assert.equal(harness.decode(group(rows + 1), 0xffffffff), tooLarge);
  assert.equal(harness.decode(group(rows), 0xffffffff), rows);
  assert.equal(harness.decode(group(1), 0xffffffff), tooLarge);
  assert.equal(harness.decode(requestOf(noBytes), 0xffffffff), 1);
});

test('reset: memory of a burst serves other columns some batches later', () => {
  const harness = new DecoderHarness();
  const burst = Buffer.alloc(40 * MiB, 0x61);
  const usual = requestOf(field(5, 'x'), field(9, stringAttribute('k', 'v')));
  const spans = [field(5, burst), field(3, burst), field(1, burst), message(11, field(2, burst))];
  const memoryAfter = [...spans, ...spans].map((span) => {
    assert.equal(harness.decode(requestOf(span), plenty), 1);
    for (let batch = 0; batch < 8; batch++) {
      harness.reset();
      assert.equal(harness.decode(usual), 2);
    }
    harness.reset();
    return memoryBytes(harness);
  });
  // Smaller buffers may lie in the hole that the first burst has left, but only once.
  assert.ok(memoryAfter[3]! - memoryAfter[0]! < 1.5 * burst.length, `${memoryAfter}`);
  assert.equal(memoryAfter[7], memoryAfter[3]);
});

test('reset: many batches of the same kind take no more memory than a few', () => {
  const harness = new DecoderHarness();
  const request = withService('s', ...Array.from({ length: 300 }, () => field(5, 'x'.repeat(300))));
  let afterFew = 0;
  for (let batch = 0; batch < 200; batch++) {
    for (let i = 0; i < 10; i++) assert.equal(harness.decode(request), 300);
    harness.decoder.cut(traces);
    harness.reset();
    if (batch === 10) afterFew = memoryBytes(harness);
  }
  assert.equal(memoryBytes(harness), afterFew);
});
