/** Tests the region that holds bodies. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BodyRegion } from '../../../src/columns/arrow/body-region.ts';
import { FakeSource } from '../fake-source.ts';

const mebibyte = 1024 * 1024;

/** Writes one batch whose body takes `bytes` bytes. */
function useFor(region: BodyRegion, bytes: number): void {
  region.begin();
  region.reserve(0, bytes);
  region.end(bytes);
}

describe('body region', () => {
  it('reserve: what was used moves along when the region grows', () => {
    const source = new FakeSource();
    const region = new BodyRegion(source);
    region.begin();
    const first = region.reserve(0, 100);
    source.module.memory.fill(7, first, first + 100);
    const second = region.reserve(100, 3 * mebibyte);
    assert.notEqual(first, second);
    assert.ok(source.module.memory.subarray(second, second + 100).every((byte) => byte === 7));
    assert.deepEqual([...source.allocated.keys()], [second], 'what was left is given back');
  });

  it('reserve: stays where it is while there is room', () => {
    const region = new BodyRegion(new FakeSource());
    region.begin();
    const address = region.reserve(0, mebibyte);
    assert.equal(region.reserve(mebibyte / 2, mebibyte / 2), address);
    region.end(mebibyte);
    region.begin();
    assert.equal(region.reserve(0, mebibyte), address, 'the next batch goes to the same place');
  });

  it('begin: a burst is given back when the batches are small again', () => {
    const source = new FakeSource();
    const region = new BodyRegion(source);
    useFor(region, 20 * mebibyte);
    useFor(region, mebibyte);
    assert.equal(region.capacityBytes, 20 * mebibyte, 'not at once');
    for (let batch = 0; batch < 30; batch++) useFor(region, mebibyte);
    assert.ok(region.capacityBytes <= 4 * mebibyte);
    assert.equal(source.allocated.size, 1);
  });

  it('begin: batches of the same size keep their region', () => {
    const source = new FakeSource();
    const region = new BodyRegion(source);
    useFor(region, 3 * mebibyte);
    const before = [...source.allocated.keys()];
    for (let batch = 0; batch < 30; batch++) useFor(region, 2 * mebibyte + batch * 30_000);
    assert.deepEqual([...source.allocated.keys()], before);
  });

  it('reserve: memory that cannot be had is a broken invariant', () => {
    const { memory } = new FakeSource();
    const region = new BodyRegion({ memory, allocate: () => 0, free: () => {} });
    region.begin();
    assert.throws(() => region.reserve(0, 100), /room for the body/);
  });
});
