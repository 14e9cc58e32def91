/** Shows that a saved catalogue is read as it was written, or not at all. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCatalogue, writeCatalogue } from '../../../src/disk/catalogue/catalogue-file.ts';
import type { SegmentSummary } from '../../../src/disk/catalogue/segment-summary.ts';
import { seededRandom } from '../../random.ts';
import { emptyArchive, outputDir, pathOf, recorderId } from '../left-archive.ts';

const path = `${outputDir}/.archer/catalogue`;

function summary(number: number, change: Partial<SegmentSummary> = {}): SegmentSummary {
  return {
    path: pathOf({ number }),
    signal: 'traces',
    number,
    state: 'sealed',
    bytes: 1000 + number,
    rows: 10,
    firstTime: 1n,
    lastTime: 2n ** 63n,
    firstReceivedTime: 3n,
    lastReceivedTime: 4n,
    services: ['shop', 'päy'],
    ranges: [{ recorder: recorderId, lane: 3, from: 1n, to: 2n ** 48n - 1n }],
    ...change,
  };
}

const segments = [
  summary(1),
  summary(2, { services: ['päy', 'mail\n"'], ranges: [] }),
  summary(3, { services: null, ranges: null, firstTime: null, lastTime: null }),
  summary(4, { firstReceivedTime: null, lastReceivedTime: null, services: [] }),
];

describe('catalogue file', () => {
  it('what was written: is read', () => {
    const storage = emptyArchive();
    writeCatalogue(storage, outputDir, segments);
    assert.deepEqual([...readCatalogue(storage, outputDir).values()], segments);
    writeCatalogue(storage, outputDir, []);
    assert.equal(readCatalogue(storage, outputDir).size, 0);
  });

  it('no file: nothing is kept', () => {
    assert.equal(readCatalogue(emptyArchive(), outputDir).size, 0);
  });

  it('any byte that is another, or missing: nothing is kept', () => {
    const storage = emptyArchive();
    writeCatalogue(storage, outputDir, segments);
    const bytes = storage.bytesOf(path).slice();
    const random = seededRandom();
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice();
      damaged[at]! ^= 1 << random.below(8);
      storage.put(path, damaged);
      assert.equal(readCatalogue(storage, outputDir).size, 0, `byte ${at}`);
      storage.put(path, bytes.subarray(0, at));
      assert.equal(readCatalogue(storage, outputDir).size, 0, `${at} bytes`);
    }
  });

  it('a disk that does not give it: nothing is kept', () => {
    const storage = emptyArchive();
    writeCatalogue(storage, outputDir, segments);
    storage.makeUnreadable(path, 0, 10);
    assert.equal(readCatalogue(storage, outputDir).size, 0);
  });
});
