/** Tests the writer of the trace-id filter with its reader. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mayContainTraceId } from '../../../../src/shared/trace-filter.ts';
import { TestRandom, takeSeed } from '../../../random.ts';
import { FrameModule, written } from '../zstd/frame-module.ts';

const module = new FrameModule(16 * 1024 * 1024);
const random = new TestRandom(takeSeed());

/** Returns the filter of rows with these ids; an empty id is a row without one. */
function filterOf(ids: readonly Uint8Array[]): Uint8Array {
  return module.scoped(() => {
    const offsets = [0];
    for (const id of ids) offsets.push(offsets.at(-1)! + id.byteLength * 2);
    const traceIds = module.putWords([module.put(Buffer.concat(ids)), module.putWords(offsets)]);
    const bound = module.exports.traceFilterBound(ids.length);
    return written(module, bound, (target) => {
      return module.exports.traceFilter(target, traceIds, ids.length);
    });
  });
}

const hex = (id: Uint8Array) => Buffer.from(id).toString('hex');
const someIds = (count: number, bytes = 16) =>
  Array.from({ length: count }, () => random.bytes(bytes));

/** Ids of a careless producer: a counter at the front or at the end of 16 bytes. */
function countedIds(first: number, count: number, offset: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => {
    const id = Buffer.alloc(16);
    id.writeUInt32BE(first + index, offset);
    return id;
  });
}

function falsePositives(filter: Uint8Array, absent: readonly Uint8Array[]): number {
  return absent.filter((id) => mayContainTraceId(filter, hex(id))).length / absent.length;
}

describe('traceFilter', () => {
  it('ids: none that is there is denied, whatever its length', () => {
    const counts = [1, 2, 3, 6, 7, 63, 64, 65, 1000, 10_000];
    for (const count of counts) {
      for (const bytes of [1, 7, 8, 9, 15, 16, 17, 40]) {
        const ids = someIds(Math.min(count, bytes === 16 ? count : 300), bytes);
        const filter = filterOf(ids);
        assert.ok(ids.every((id) => mayContainTraceId(filter, hex(id))));
      }
    }
  });

  it('ids: one whose hash is zero is there too', () => {
    const zeroHash = Buffer.alloc(16);
    zeroHash[0] = 16;
    const filter = filterOf([zeroHash]);
    assert.ok(filter.byteLength === 8 && mayContainTraceId(filter, hex(zeroHash)));
  });

  it('size: ten bits for each distinct id, in words of 64', () => {
    for (const count of [1, 6, 7, 1000, 9999]) {
      const ids = someIds(count);
      const bytes = Math.ceil((count * 10) / 64) * 8;
      assert.equal(filterOf(ids).byteLength, bytes);
      assert.equal(filterOf([...ids, ...ids]).byteLength, bytes, 'an id counts once');
    }
  });

  it('size: nothing without ids', () => {
    assert.equal(filterOf([]).byteLength, 0);
    assert.equal(filterOf([new Uint8Array(0), new Uint8Array(0)]).byteLength, 0);
  });

  it('rows without an id: they leave nothing in the filter', () => {
    const ids = someIds(500);
    const none = new Uint8Array(0);
    assert.deepEqual(filterOf(ids.flatMap((id) => [none, id, none])), filterOf(ids));
  });

  it('false positives: below two in a hundred', () => {
    for (const count of [10, 100, 1000, 10_000]) {
      assert.ok(falsePositives(filterOf(someIds(count)), someIds(20_000)) < 0.02);
      for (const offset of [0, 4, 12]) {
        const filter = filterOf(countedIds(1, count, offset));
        assert.ok(falsePositives(filter, countedIds(count + 1, 20_000, offset)) < 0.02);
      }
    }
  });
});
