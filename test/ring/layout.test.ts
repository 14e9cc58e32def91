/** The layout: nothing overlaps, slack follows each part, and the plan can be sent to threads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  initialiseLane,
  type LaneLayout,
  layoutBytes,
  planLayout,
  resultSlotCount,
  tallyBytes,
  tallyCount,
  viewBell,
  viewOverflow,
  viewRegion,
  viewRing,
  viewTally,
} from '../../src/ring/layout.ts';
import { planTestLayout } from './test-lane.ts';

interface Span {
  readonly start: number;
  readonly end: number;
}

function span(view: ArrayBufferView): Span {
  return { start: view.byteOffset, end: view.byteOffset + view.byteLength };
}

function words(buffer: SharedArrayBuffer, layout: LaneLayout): Int32Array[] {
  const { doorbell, control } = viewBell(buffer, layout);
  const found = [doorbell, control, viewOverflow(buffer, layout).owner];
  for (let ringIndex = 0; ringIndex < layout.ringCount; ringIndex += 1) {
    const { head, tail, resultCount } = viewRing(buffer, layout, ringIndex);
    found.push(head, tail, resultCount);
  }
  return found;
}

function areas(buffer: SharedArrayBuffer, layout: LaneLayout): Uint8Array[] {
  const found: Uint8Array[] = [viewOverflow(buffer, layout).slot];
  for (let ringIndex = 0; ringIndex < layout.ringCount; ringIndex += 1) {
    const { ring } = viewRing(buffer, layout, ringIndex);
    found.push(ring);
  }
  return found;
}

const layouts = [
  planTestLayout(),
  planTestLayout({ base: 8, ringCount: 3, ringBytes: 128, overflowBytes: 0 }),
  planTestLayout({ base: 1000, ringCount: 16, ringBytes: 4096, overflowBytes: 1001 }),
  planTestLayout({ base: 65_536, ringCount: 2, ringBytes: 65_536, overflowBytes: 112 }),
];

function bufferFor(layout: LaneLayout): SharedArrayBuffer {
  return new SharedArrayBuffer(layout.base + layout.bytes);
}

test('layout: words, slots, rings and the overflow slot do not overlap and stay inside', () => {
  for (const layout of layouts) {
    const buffer = bufferFor(layout);
    const slots = Array.from({ length: layout.ringCount }, (_, ringIndex) => {
      return viewRing(buffer, layout, ringIndex).resultSlots;
    });
    const spans = [...words(buffer, layout), ...areas(buffer, layout), ...slots].map(span);
    spans.sort((a, b) => a.start - b.start || a.end - b.end);
    assert.equal(spans[0]!.start, layout.base);
    for (const [index, { end }] of spans.entries()) {
      const next = spans[index + 1]?.start ?? layout.base + layout.bytes;
      assert.ok(end <= next, `${end} is past ${next}`);
    }
  }
});

test('layout: each word is two cache lines away from every other', () => {
  for (const layout of layouts) {
    const starts = words(bufferFor(layout), layout).map(({ byteOffset }) => byteOffset);
    starts.sort((a, b) => a - b);
    for (const [index, start] of starts.entries()) {
      assert.ok(index === 0 || start - starts[index - 1]! >= 128);
    }
  }
});

test('layout: rings and the overflow slot are aligned to frames and have 16 bytes of slack', () => {
  for (const layout of layouts) {
    const buffer = bufferFor(layout);
    const rings = areas(buffer, layout).map(span);
    const spans = [...words(buffer, layout).map(span), ...rings];
    for (const area of rings) {
      assert.equal(area.start % 8, 0);
      const behind = spans.filter((other) => other !== area && other.start >= area.end);
      const next = Math.min(layout.base + layout.bytes, ...behind.map(({ start }) => start));
      assert.ok(next - area.end >= 16);
    }
  }
});

test('layout: addresses tell where the views lie', () => {
  for (const layout of layouts) {
    const buffer = bufferFor(layout);
    const { address, slot } = viewOverflow(buffer, layout);
    assert.equal(address, slot.byteOffset);
    const { ring, headers, address: ringAddress } = viewRing(buffer, layout, 0);
    assert.deepEqual([ring.byteOffset, headers.byteOffset], [ringAddress, ringAddress]);
    assert.deepEqual([ring.length, headers.byteLength], [layout.ringBytes, layout.ringBytes]);
  }
});

test('layout: the overflow slot has room for the zeros behind the largest body', () => {
  const layout = planTestLayout({ overflowBytes: 1001 });
  assert.equal(viewOverflow(bufferFor(layout), layout).slot.length, 1008);
});

test('layout: the bytes to reserve do not depend on the base', () => {
  for (const layout of layouts) assert.equal(layoutBytes(layout), layout.bytes);
});

test('layout: a plan survives being sent to another thread', () => {
  for (const layout of layouts) assert.deepEqual(structuredClone(layout), layout);
});

test('layout: a plan out of bounds is refused', () => {
  const wrong = [
    { base: 4 },
    { base: -8 },
    { ringCount: 0 },
    { ringBytes: 1000 },
    { ringBytes: 64 },
    { ringBytes: 2 ** 31 },
    { overflowBytes: -1 },
    { initialPosition: 4 },
    { base: 2 ** 32 - 1024 },
    { ringBytes: 2 ** 30, ringCount: 4 },
  ];
  for (const options of wrong) assert.throws(() => planTestLayout(options), /invariant broken/);
});

test('layout: a ring that the plan does not have is refused', () => {
  const layout = planTestLayout({ ringCount: 2 });
  const buffer = bufferFor(layout);
  for (const ringIndex of [-1, 2]) {
    assert.throws(() => viewRing(buffer, layout, ringIndex), /invariant broken/);
  }
});

test('layout: initialising sets every word of used memory, and nothing outside the region', () => {
  const layout = planTestLayout({ ringCount: 2, initialPosition: 2 ** 32 - 64 });
  const buffer = new SharedArrayBuffer(layout.base + layout.bytes + 64);
  const bytes = new Uint8Array(buffer).fill(0xa5);
  initialiseLane(buffer, layout);
  const values = words(buffer, layout).map((word) => word[0]! >>> 0);
  assert.deepEqual(values, [0, 0, 0, ...Array<number>(6).fill(2 ** 32 - 64)]);
  const outside = [...bytes.subarray(0, layout.base), ...bytes.subarray(-64)];
  assert.ok(outside.every((byte) => byte === 0xa5));
});

test('layout: views made before the memory grew still show what others write', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 8, shared: true });
  const layout = planLayout({ base: 64, ringCount: 1, ringBytes: 1024, overflowBytes: 4096 });
  const before = viewRing(memory.buffer, layout, 0);
  const region = viewRegion(memory.buffer, layout);
  memory.grow(4);
  const after = viewRing(memory.buffer, layout, 0);
  after.ring.fill(7);
  Atomics.store(after.head, 0, 40);
  assert.equal(before.ring[1023], 7);
  assert.equal(Atomics.load(before.head, 0), 40);
  assert.equal(region.byteLength, layout.bytes);
  assert.equal(before.resultSlots.length, resultSlotCount);
});

test('layout: tallies have their own lines and their copies do not overlap', () => {
  const buffer = new SharedArrayBuffer(tallyBytes(3));
  assert.equal(tallyCount(buffer.byteLength), 3);
  for (let index = 0; index < 3; index += 1) {
    const { sequence, copies } = viewTally(buffer, index);
    const spans = [sequence, ...copies].map(span);
    assert.equal(spans[0]!.start, index * 128);
    assert.ok(spans[0]!.end <= spans[1]!.start && spans[1]!.end <= spans[2]!.start);
    assert.ok(spans[2]!.end <= (index + 1) * 128);
  }
});
