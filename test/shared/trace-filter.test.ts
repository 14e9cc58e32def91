/** The reader of the trace-id filter. The test of its writer checks the false-positive rates. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mayContainTraceId } from '../../src/shared/trace-filter.ts';

/** The example from docs/format/record-batch.md. */
const id = '0af7651916cd43dd8448eb211c80319c';
const filter = Buffer.from('0402011008804000', 'hex');

describe('trace filter', () => {
  it('id: the documented one is found, in either case of letters', () => {
    assert.ok(mayContainTraceId(filter, id));
    assert.ok(mayContainTraceId(filter, id.toUpperCase()));
  });

  it('id: with any of its bits missing it is not', () => {
    const bits = [...filter].flatMap((byte, index) =>
      [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte & (1 << bit)).map((bit) => index * 8 + bit),
    );
    assert.equal(bits.length, 7);
    for (const bit of bits) {
      const without = Buffer.from(filter);
      without[bit >> 3]! ^= 1 << (bit & 7);
      assert.ok(!mayContainTraceId(without, id));
    }
  });

  it('id: text that is no id is in no filter', () => {
    const full = new Uint8Array(16).fill(255);
    for (const text of ['', 'a', 'xyz', `${id}0`, `${id}zz`, ` ${id}`]) {
      assert.ok(!mayContainTraceId(full, text), text);
    }
    assert.ok(mayContainTraceId(full, id));
  });

  it('filter: an empty one has no ids', () => {
    assert.ok(!mayContainTraceId(new Uint8Array(0), id));
  });
});
